import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonlStore } from "../../src/storage/jsonl/store.ts";
import { bundleProgram } from "../support/bundle.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { REVIEWER } from "../support/runs.ts";

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram(new URL("./run-events-program.ts", import.meta.url));
});
afterAll(() => program.remove());

/** A process that sees runs, and what it was told to be kept. */
class Watcher {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ready: Promise<unknown>;
  readonly gone: Promise<unknown>;
  said = "";

  constructor(root: string, own: string, runs: number, journal: string) {
    this.child = spawn(process.execPath, [program.path, root, own, String(runs), journal]);
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

/** What one of these says of all runs: how many began, how many of them ended, and how much of it cannot be read. */
const countsIn = {
  async lifecycle(store: JsonlStore) {
    const overview = await store.lifecycle.overview(REVIEWER);
    return [overview?.seen.started, overview?.seen.ended, overview?.unreadable];
  },
  async evidence(store: JsonlStore) {
    const overview = await store.evidence.overview(REVIEWER);
    expect(overview?.seen.totals.measured.tools).toEqual({
      runs: overview?.seen.totals.ended,
      sum: 3 * (overview?.seen.totals.ended ?? 0),
    });
    return [overview?.seen.totals.runs, overview?.seen.totals.ended, overview?.unreadable];
  },
};

describe.each(["lifecycle", "evidence"] as const)("%s", (journal) => {
  const counts = (root: string) => countsIn[journal](openJsonl(root, { now: Date.now, retentionDays: 180 }));
  const linesIn = (root: string) =>
    readFileSync(join(root, `.kaizen/metrics/reviewer/${journal}.jsonl`), "utf8")
      .split("\n")
      .slice(0, -1);

  test("of four processes that see the same runs counts each run once, and every one that was acknowledged", async () => {
    const root = fastTemporaryFolder();
    const watchers = ["a", "b", "c", "d"].map((own) => new Watcher(root, own, 20, journal));
    await Promise.all(watchers.map(({ ready }) => ready));
    for (const { child } of watchers) child.stdin.write("go");
    await Promise.all(watchers.map(({ gone }) => gone));
    expect(watchers.map(({ said }) => said.endsWith("done\n"))).toEqual([true, true, true, true]);
    // By hand: 10 runs that all have seen, and 10 that each has seen alone.
    expect(await counts(root)).toEqual([50, 50, 0]);
    expect(linesIn(root)).toHaveLength(100);
  });

  test("that was acknowledged is there after a process was killed, and nothing twice", async () => {
    const root = fastTemporaryFolder();
    const acknowledged = new Set<string>();
    for (const [generation, after] of [3, 8, 1, 13].entries()) {
      const watchers = ["a", "b"].map((own) => new Watcher(root, `${generation}${own}`, 50, journal));
      await Promise.all(watchers.map(({ ready }) => ready));
      for (const { child } of watchers) child.stdin.write("go");
      await Promise.all(watchers.map((watcher, index) => watcher.killedAfter(after + index)));
      for (const watcher of watchers) for (const line of watcher.acknowledged()) acknowledged.add(line);
    }
    const kept = linesIn(root)
      .map((line) => JSON.parse(line))
      .map(({ key, event, ended }) => `${key} ${event ?? (ended === undefined ? "started" : "ended")}`);
    expect([...acknowledged].filter((line) => !kept.includes(line))).toEqual([]);
    expect(new Set(kept).size).toBe(kept.length);
    const count = (event: string) => kept.filter((line) => line.endsWith(event)).length;
    expect(await counts(root)).toEqual([count(" started"), count(" ended"), 0]);
  });
});
