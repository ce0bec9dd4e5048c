import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { REVIEWER } from "../support/runs.ts";

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram(new URL("./lifecycle-program.ts", import.meta.url));
});
afterAll(() => program.remove());

/** A process that sees runs, and what it was told to be kept. */
class Watcher {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ready: Promise<unknown>;
  readonly gone: Promise<unknown>;
  said = "";

  constructor(root: string, own: string, runs: number) {
    this.child = spawn(process.execPath, [program.path, root, own, String(runs)]);
    this.child.stdout.on("data", (text) => {
      this.said += String(text);
    });
    this.child.stdin.on("error", () => {});
    this.ready = once(this.child.stdout, "data");
    this.gone = once(this.child, "close");
  }

  /** What was acknowledged, whole lines only. */
  acknowledged(): string[] {
    return this.said
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.includes(" "));
  }

  async killedAfter(lifecycle: number): Promise<void> {
    while (this.acknowledged().length < lifecycle) await once(this.child.stdout, "data");
    this.child.kill("SIGKILL");
    await this.gone;
  }
}

test("four processes see the same runs: each run is counted once, and every one that was acknowledged", async () => {
  const root = fastTemporaryFolder();
  const watchers = ["a", "b", "c", "d"].map((own) => new Watcher(root, own, 20));
  await Promise.all(watchers.map(({ ready }) => ready));
  for (const { child } of watchers) child.stdin.write("go");
  await Promise.all(watchers.map(({ gone }) => gone));
  expect(watchers.map(({ said }) => said.endsWith("done\n"))).toEqual([true, true, true, true]);
  const { lifecycle } = openJsonl(root, { now: Date.now, retentionDays: 180 });
  // By hand: 10 runs that all have seen, and 10 that each has seen alone.
  expect((await lifecycle.overview(REVIEWER))?.seen).toMatchObject({ started: 50, ended: 50 });
  const lines = readFileSync(join(root, ".kaizen/metrics/reviewer/lifecycle.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(100);
});

test("whatever was acknowledged is there after a process was killed, and nothing twice", async () => {
  const root = fastTemporaryFolder();
  const acknowledged = new Set<string>();
  for (const [generation, after] of [3, 8, 1, 13].entries()) {
    const watchers = ["a", "b"].map((own) => new Watcher(root, `${generation}${own}`, 50));
    await Promise.all(watchers.map(({ ready }) => ready));
    for (const { child } of watchers) child.stdin.write("go");
    await Promise.all(watchers.map((watcher, index) => watcher.killedAfter(after + index)));
    for (const watcher of watchers) for (const line of watcher.acknowledged()) acknowledged.add(line);
  }
  const { lifecycle } = openJsonl(root, { now: Date.now, retentionDays: 180 });
  const overview = await lifecycle.overview(REVIEWER);
  const lines = readFileSync(join(root, ".kaizen/metrics/reviewer/lifecycle.jsonl"), "utf8").split("\n").slice(0, -1);
  const kept = lines.map((line) => JSON.parse(line)).map(({ key, event }) => `${key} ${event}`);
  expect([...acknowledged].filter((line) => !kept.includes(line))).toEqual([]);
  expect(new Set(kept).size).toBe(kept.length);
  const count = (event: string) => kept.filter((line) => line.endsWith(event)).length;
  expect(overview).toMatchObject({ seen: { started: count(" started"), ended: count(" ended") }, unreadable: 0 });
});
