import { appendFileSync, closeSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DAY_MS } from "../../src/domain/run/time.ts";
import { logPath, readLogStrictly, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { temporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";

/** Writers that opened the log before it was rewritten, and write to the old file after. */

const expiredLine = '{"success": true, "timestamp": "2020-01-01T00:00:00Z"}\n';

function lateLine(n: number): string {
  return `{"n": "late ${n}", "success": true, "timestamp": "2024-01-10T10:00:00Z"}\n`;
}

async function setUp() {
  // Long before any file here was changed: an old file is kept in mind for as long as the test goes on.
  const clock = clockAt(Date.UTC(2024, 0, 10, 10));
  const root = temporaryFolder();
  const makeRun = runMaker(clock);
  const { runs: executions } = openJsonl(root, { now: clock.now });
  await appendRun(executions, REVIEWER, makeRun());
  const expire = () => writeForeignText(root, REVIEWER, expiredLine.repeat(5));
  /** Opens the log as it is now, as a writer does before its one write. */
  const openOld = (path = logPath(root, REVIEWER)) => {
    const fd = openSync(path, "a");
    onTestFinished(() => closeSync(fd));
    return (text: string) => writeSync(fd, text);
  };
  const lateLines = () => readLogStrictly(root, REVIEWER).flatMap((record) => record.n ?? []);
  return { clock, root, makeRun, executions, expire, openOld, lateLines };
}

test("a line that comes late is carried over once, by the next call that writes", async () => {
  const { executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const write = openOld();
  await executions.prune(REVIEWER);
  write(lateLine(1));
  await appendRun(executions, REVIEWER, makeRun());
  write(lateLine(2));
  await appendRun(executions, REVIEWER, makeRun());
  await appendRun(executions, REVIEWER, makeRun());
  expect(lateLines()).toEqual(["late 1", "late 2"]);
});

test("a line that was carried over stays one line when what stands before it expires, too", async () => {
  const { clock, root, executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  writeForeignText(
    root,
    REVIEWER,
    `{"success": true, "timestamp": "${new Date(clock.now() - 29.5 * DAY_MS).toISOString()}"}\n`,
  );
  const write = openOld();
  await executions.prune(REVIEWER);
  write(lateLine(1));
  await appendRun(executions, REVIEWER, makeRun());
  clock.advanceDays(1);
  await executions.prune(REVIEWER);
  await appendRun(executions, REVIEWER, makeRun());
  expect(lateLines()).toEqual(["late 1"]);
});

test("late lines to several old files are all carried over", async () => {
  const { executions, makeRun, expire, openOld, lateLines } = await setUp();
  const writers: ((text: string) => number)[] = [];
  for (let round = 0; round < 3; round += 1) {
    expire();
    writers.push(openOld());
    await executions.prune(REVIEWER);
  }
  for (const [n, write] of writers.entries()) write(lateLine(n));
  await appendRun(executions, REVIEWER, makeRun());
  await appendRun(executions, REVIEWER, makeRun());
  // Lines of different old files have no order among each other.
  expect(lateLines().sort()).toEqual(["late 0", "late 1", "late 2"]);
});

test("equal lines that come late are as many as were written", async () => {
  const { executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const write = openOld();
  await executions.prune(REVIEWER);
  write(lateLine(1) + lateLine(1));
  await appendRun(executions, REVIEWER, makeRun());
  write(lateLine(1));
  await appendRun(executions, REVIEWER, makeRun());
  expect(lateLines()).toEqual(["late 1", "late 1", "late 1"]);
});

test("a line whose newline comes late is one line", async () => {
  const { executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const write = openOld();
  await executions.prune(REVIEWER);
  write(lateLine(1).trimEnd());
  await appendRun(executions, REVIEWER, makeRun());
  write("\n");
  await appendRun(executions, REVIEWER, makeRun());
  expect(lateLines()).toEqual(["late 1"]);
});

test("a line that is under way while the log is replaced once more is one line", async () => {
  const { executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const write = openOld();
  await executions.prune(REVIEWER);
  expire();
  write(lateLine(1).slice(0, 20));
  await executions.prune(REVIEWER);
  write(lateLine(1).slice(20));
  await appendRun(executions, REVIEWER, makeRun());
  expect(lateLines()).toEqual(["late 1"]);
});

test("lines that run into each other in an old file are each carried over once", async () => {
  const { executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const [first, second] = [openOld(), openOld()];
  await executions.prune(REVIEWER);
  first(lateLine(1).trimEnd());
  await appendRun(executions, REVIEWER, makeRun());
  second(lateLine(2));
  first("\n");
  await appendRun(executions, REVIEWER, makeRun());
  await executions.repair(REVIEWER);
  expect(lateLines().sort()).toEqual(["late 1", "late 2"]);
});

test("a late line that is written behind another writer's line without a newline is one line", async () => {
  const { clock, root, executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const write = openOld();
  await executions.prune(REVIEWER);
  write(lateLine(1));
  // Another writer comes in the very moment between the store's look at the end of the log and its own write.
  let isCarried = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (!isCarried && call.name === "writeSync" && String(call.args[1]).includes("late 1")) {
      isCarried = true;
      writeForeignText(root, REVIEWER, lateLine(2).trimEnd());
    }
    return call.proceed();
  });
  const later = openJsonl(root, { now: clock.now, fileSystem }).runs;
  await appendRun(later, REVIEWER, makeRun());
  writeForeignText(root, REVIEWER, "\n");
  await appendRun(later, REVIEWER, makeRun());
  expect(isCarried).toBe(true);
  await later.repair(REVIEWER);
  expect(lateLines().sort()).toEqual(["late 1", "late 2"]);
});

test("a store that was opened after the rewrite carries over what came late", async () => {
  const { clock, root, executions, makeRun, expire, openOld, lateLines } = await setUp();
  expire();
  const write = openOld();
  await executions.prune(REVIEWER);
  write(lateLine(1));
  await appendRun(openJsonl(root, { now: clock.now }).runs, REVIEWER, makeRun());
  await appendRun(executions, REVIEWER, makeRun());
  expect(lateLines()).toEqual(["late 1"]);
  expect((await executions.page(REVIEWER, { filter: {}, limit: 9 })).executions.map(({ id }) => id)).toContain(idOf(1));
});

test("a verification that comes late to a repaired file of verifications is carried over by the next call, of the same store", async () => {
  const { root, executions, makeRun, openOld } = await setUp();
  const verification = { execution_id: idOf(1), success: false, timestamp: "2024-01-10T10:00:00Z" };
  await verifyRun(executions, REVIEWER, { ...verification, verified_by: "tests" });
  const verifications = join(dirname(logPath(root, REVIEWER)), "verifications.jsonl");
  appendFileSync(verifications, "torn\n");
  const write = openOld(verifications);
  expect(await executions.repair(REVIEWER)).toEqual({ quarantined: 1, mended: 0 });
  const claim = { agent: REVIEWER, claimed: true, executed_at: "2024-01-10T10:00:00Z" };
  write(`${JSON.stringify({ ...verification, ...claim, verified_by: "human", success: true })}\n`);
  await appendRun(executions, REVIEWER, makeRun());
  // What people say of a run goes before what tests say.
  expect((await executions.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 1 });
});
