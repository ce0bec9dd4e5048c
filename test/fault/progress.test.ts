import { statSync } from "node:fs";
import { expect, test } from "vitest";
import type { OnDone } from "../../src/storage/store.ts";
import { logPath, writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** Each in the order in which they came, as `done/total`. */
async function told(
  work: (tell: (done: number, total: number) => void) => Promise<unknown>,
): Promise<[number, number][]> {
  const steps: [number, number][] = [];
  await work((done, total) => steps.push([done, total]));
  return steps;
}

test("how far a prune or a repair of one log has come is told in bytes, which only grow, up to its size", async () => {
  const root = fastTemporaryFolder();
  const { runs } = openJsonl(root, { now: clockAt().now });
  writeForeignLines(root, REVIEWER, Array(200).fill({ success: true, timestamp: "2020-01-01T00:00:00Z" }));
  writeForeignText(root, REVIEWER, "torn\n".repeat(200));
  const works = [
    (onProgress: OnDone) => runs.prune(REVIEWER, { onProgress }),
    (onProgress: OnDone) => runs.repair(REVIEWER, onProgress),
  ];
  for (const work of works) {
    const { size } = statSync(logPath(root, REVIEWER));
    const steps = await told(work);
    expect(steps.length).toBeGreaterThan(100);
    const done = steps.map(([bytes]) => bytes);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    const [last, total] = steps.at(-1) ?? [];
    expect(total).toBe(size);
    expect(last).toBeGreaterThanOrEqual((total ?? 0) - 1);
  }
});

test("an examination says how far it has come in each log by the log's size, however often it reads it", async () => {
  const root = fastTemporaryFolder();
  const { runs: executions, files: health } = openJsonl(root, { now: clockAt().now });
  await appendRun(executions, REVIEWER, runMaker(clockAt())());
  writeForeignText(root, REVIEWER, `${"torn".repeat(50)}\n`.repeat(1_000));
  const { size } = statSync(logPath(root, REVIEWER));
  const steps = await told((tell) => health.examine((_, done, total) => tell(done, total)));
  expect(new Set(steps.map(([, total]) => total))).toEqual(new Set([size]));
  const done = steps.map(([bytes]) => bytes);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done[0]).toBeLessThan(size);
  expect(done.at(-1)).toBe(size);
});
