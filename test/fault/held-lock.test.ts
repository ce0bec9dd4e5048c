import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { bundleProgram } from "../support/bundle.ts";
import { openJsonl } from "../support/jsonl.ts";
import { temporaryFolder } from "../support/places.ts";
import { codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import type { Death } from "./kill-program.ts";
import { prepare, scenarioClock } from "./scenarios.ts";

/** A process that stops in the middle of an append, with the lock in its hands. */
async function stoppedWriter(root: string) {
  const program = bundleProgram(new URL("./kill-program.ts", import.meta.url));
  onTestFinished(() => program.remove());
  const death: Death = { root, at: "fdatasync", how: "stop" };
  const child = spawn(process.execPath, [program.path, "append", JSON.stringify([death])], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lock = join(root, ".kaizen", "metrics", ".locks", "reviewer.lock");
  // No event tells that a process was stopped.
  await vi.waitUntil(() => existsSync(lock) && isStopped(child.pid), { interval: 10, timeout: 120_000 });
  return child;
}

/** Field 3 of `/proc/<pid>/stat`: T for a process that was stopped. */
function isStopped(pid: number | undefined): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8").slice(0, 100));
}

test.skipIf(process.platform !== "linux")(
  "a lock that a living process keeps is an error that names it, readers do not wait, and nothing is lost",
  async () => {
    const root = temporaryFolder();
    await prepare(root, "append");
    const makeRun = runMaker(scenarioClock, 300);
    const holder = await stoppedWriter(root);
    const { runs: executions } = openJsonl(root, { now: scenarioClock.now, lockTimeoutMs: 200 });
    const refused = makeRun({ idempotency_key: "k" });
    await expect(appendRun(executions, REVIEWER, refused)).rejects.toMatchObject({
      code: "LOCK_TIMEOUT",
      message: expect.stringContaining(String(holder.pid)),
    });
    expect(await codeOf(executions.prune(REVIEWER))).toBe("LOCK_TIMEOUT");
    expect((await executions.overview(REVIEWER)).view.tally.runs).toBeGreaterThanOrEqual(3);

    holder.kill("SIGCONT");
    await once(holder, "exit");
    expect(await appendRun(executions, REVIEWER, refused)).toMatchObject({ duplicate: false });
    expect((await executions.overview(REVIEWER)).view.tally.runs).toBe(5);
  },
);

test("a lock whose holder was killed is taken over at once", async () => {
  const root = temporaryFolder();
  await prepare(root, "append");
  const holder = await stoppedWriter(root);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const { runs: executions } = openJsonl(root, { now: scenarioClock.now, lockTimeoutMs: 200 });
  await appendRun(executions, REVIEWER, runMaker(scenarioClock, 300)());
  expect((await executions.overview(REVIEWER)).view.tally.runs).toBeGreaterThanOrEqual(4);
});
