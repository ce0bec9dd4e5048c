import { appendFileSync, truncateSync } from "node:fs";
import { expect, test } from "vitest";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** What stands behind the last newline, when there is much of it. */

const clock = clockAt();
const run = '{"success": true, "timestamp": "2026-11-22T09:00:00Z"}\n';

function setUp() {
  const root = fastTemporaryFolder();
  let bytes = 0;
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "readSync") bytes += Number(answer);
    return answer;
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
  const path = logPath(root, REVIEWER);
  return {
    executions,
    path,
    makeRun: runMaker(clock),
    write: (text: string) => writeForeignText(root, REVIEWER, text),
    runs: async () => (await executions.overview(REVIEWER)).view.tally.runs,
    /** How many bytes were read since the last question. */
    bytesRead() {
      const since = bytes;
      bytes = 0;
      return since;
    },
  };
}

test("a tail that is too long for a line is searched for its end once, and set aside when it has one", async () => {
  const { executions, write, makeRun, runs, bytesRead } = setUp();
  write(run + "x".repeat(20_000_000));
  expect(await runs()).toBe(1);
  expect(bytesRead()).toBeLessThan(21_000_000);
  for (let round = 0; round < 5; round += 1) {
    write("y".repeat(1000));
    expect(await runs()).toBe(1);
    expect((await executions.page(REVIEWER, { filter: {}, limit: 5 })).executions).toHaveLength(1);
    expect((await executions.existingKeys(REVIEWER, ["none"])).size).toBe(0);
  }
  expect(bytesRead()).toBeLessThan(50_000);
  const { overview } = await appendRun(executions, REVIEWER, makeRun());
  expect([overview.view.tally.runs, overview.unreadable]).toEqual([2, 1]);
});

test("a long run without its newline counts, is read once, and stays one run when it is ended", async () => {
  const { executions, write, makeRun, runs, bytesRead, path } = setUp();
  const long = `{"success": true, "timestamp": "2026-11-22T09:30:00Z", "notes": "${"n".repeat(300_000)}"}`;
  write(run + long);
  expect(await runs()).toBe(2);
  bytesRead();
  for (let round = 0; round < 5; round += 1) expect(await runs()).toBe(2);
  expect(bytesRead()).toBeLessThan(10_000);
  // Taken back, as by a writer whose disk was full, and written again in other words.
  truncateSync(path, run.length);
  expect(await runs()).toBe(1);
  appendFileSync(path, long.replace("true", "null"));
  expect(await runs()).toBe(1);
  truncateSync(path, run.length);
  expect(await runs()).toBe(1);
  appendFileSync(path, long);
  expect(await runs()).toBe(2);
  truncateSync(path, run.length);
  expect(await runs()).toBe(1);
  appendFileSync(path, `${run}${long}`);
  expect(await runs()).toBe(3);
  truncateSync(path, 2 * run.length);
  appendFileSync(path, "\n");
  expect(await runs()).toBe(2);
  expect((await appendRun(executions, REVIEWER, makeRun())).overview.view.tally.runs).toBe(3);
});
