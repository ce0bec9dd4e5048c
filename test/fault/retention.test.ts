import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { Store } from "../../src/storage/store.ts";
import { logPath, readLogStrictly, writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { fileSystemError, interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, mergeVerifications, verifyRun } from "../support/single-calls.ts";

/** When expired runs leave the file, and when they only count in no answer. */

const clock = clockAt();

/** So many runs, one every so many days, the last one now. */
function history(count: number, everyDays: number): JsonObject[] {
  return Array.from({ length: count }, (_, n) => ({
    success: true,
    id: idOf(1000 + n),
    timestamp: formatInstant(clock.now() - (count - 1 - n) * everyDays * DAY_MS),
  }));
}

function runsIn(root: string): number {
  return readLogStrictly(root, REVIEWER).length;
}

async function liveRuns({ runs: executions }: Store): Promise<number> {
  return (await executions.overview(REVIEWER)).view.tally.runs;
}

test("a clock that is far ahead hides runs, and deletes none of them", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, history(25, 1));
  const right = openJsonl(root, { now: clock.now });
  const { timestamp, ...verification } = {
    execution_id: idOf(1020),
    verified_by: "ci" as const,
    success: false,
    timestamp: "",
  };
  await verifyRun(right.runs, REVIEWER, { ...verification, timestamp: formatInstant(clock.now()) });
  const ahead = clockAt(clock.now() + 5000 * DAY_MS);
  const makeRun = runMaker(ahead);
  for (let session = 0; session < 5; session += 1) {
    const wrong = openJsonl(root, { now: ahead.now });
    for (let n = 0; n < 2; n += 1) await appendRun(wrong.runs, REVIEWER, makeRun());
    expect(await liveRuns(wrong)).toBe(2 * (session + 1));
    const late = formatInstant(ahead.now());
    const id = idOf(2 * (session + 1));
    await verifyRun(wrong.runs, REVIEWER, { ...verification, execution_id: id, timestamp: late });
    await wrong.runs.close();
  }
  expect(runsIn(root)).toBe(35);
  const { view, verified } = await openJsonl(root, { now: clock.now }).runs.overview(REVIEWER);
  expect([view.tally.runs, verified.verified.runs]).toEqual([35, 6]);
});

test("a clock that is far ahead has no log written anew for nothing", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, history(25, 1));
  let rewrites = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name === "openSync" && String(call.args[0]).includes(".rewrite-")) rewrites += 1;
    return call.proceed();
  });
  const ahead = clockAt(clock.now() + 5000 * DAY_MS);
  const { runs: executions } = openJsonl(root, { now: ahead.now, fileSystem });
  const makeRun = runMaker(ahead);
  for (let n = 0; n < 3; n += 1) await appendRun(executions, REVIEWER, makeRun());
  await executions.close();
  expect(rewrites).toBe(0);
});

test("a clock that is far ahead has the verifications not read again with every verification", async () => {
  const root = fastTemporaryFolder();
  const runs = history(25, 1);
  writeForeignLines(root, REVIEWER, runs);
  const verification = { verified_by: "ci" as const, success: false, evidence: "e".repeat(4000) };
  const right = openJsonl(root, { now: clock.now }).runs;
  const timestamp = formatInstant(clock.now());
  await mergeVerifications(
    right,
    REVIEWER,
    runs.map(({ id }) => ({ ...verification, execution_id: String(id), timestamp })),
  );
  const path = join(root, ".kaizen", "metrics", REVIEWER, "verifications.jsonl");
  const opened = new Map<unknown, unknown>();
  let bytes = 0;
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "openSync") opened.set(answer, call.args[0]);
    if (call.name === "readSync" && opened.get(call.args[0]) === path) bytes += Number(answer);
    return answer;
  });
  const ahead = clockAt(clock.now() + 5000 * DAY_MS);
  const { runs: executions } = openJsonl(root, { now: ahead.now, fileSystem });
  const makeRun = runMaker(ahead);
  const found: number[] = [];
  for (let n = 1; n <= 3; n += 1) {
    bytes = 0;
    await appendRun(executions, REVIEWER, makeRun());
    await verifyRun(executions, REVIEWER, {
      ...verification,
      execution_id: idOf(n),
      timestamp: formatInstant(ahead.now()),
    });
    found.push(bytes / statSync(path).size);
  }
  const [first, ...later] = found;
  expect(first).toBeGreaterThan(0.9);
  expect(Math.max(...later)).toBeLessThan(0.5);
});

test("a run from the future, in a log of another writer, takes no other out", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, [
    ...history(10, 1),
    { success: true, timestamp: formatInstant(clock.now() + 5000 * DAY_MS) },
  ]);
  const ahead = clockAt(clock.now() + 5000 * DAY_MS);
  await appendRun(openJsonl(root, { now: ahead.now }).runs, REVIEWER, runMaker(ahead)());
  expect(runsIn(root)).toBe(12);
});

test("expired runs leave the file once most of the last runs agree with the clock", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, history(3, 1));
  const later = clockAt(clock.now() + 200 * DAY_MS);
  const store = openJsonl(root, { now: later.now });
  const makeRun = runMaker(later);
  const found: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    await appendRun(store.runs, REVIEWER, makeRun());
    found.push(runsIn(root));
    expect(await liveRuns(store)).toBe(n + 1);
  }
  expect(found).toEqual([4, 5, 6, 7, 5, 6]);
});

test("those of a large log leave it after the answer, once they are a quarter of it", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, history(3000, 45 / 3000));
  const store = openJsonl(root, { now: clock.now });
  const before = statSync(logPath(root, REVIEWER)).ino;
  const makeRun = runMaker(clock);
  await appendRun(store.runs, REVIEWER, makeRun());
  expect(statSync(logPath(root, REVIEWER)).ino).toBe(before);
  const live = await liveRuns(store);
  await store.runs.close();
  expect(runsIn(root)).toBe(live);
  expect(live).toBeLessThan(2100);
});

test("where a large log cannot be rewritten, that is said, and not tried again with every run", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, history(3000, 45 / 3000));
  const notices: string[] = [];
  let attempts = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name !== "openSync" || !/\.rewrite-/.test(String(call.args[0]))) return call.proceed();
    attempts += 1;
    throw fileSystemError("ENOSPC", call.name);
  });
  const later = clockAt(clock.now());
  const options = { now: later.now, fileSystem, onNotice: (notice: string) => notices.push(notice) };
  const { runs: executions } = openJsonl(root, options);
  const makeRun = runMaker(later);
  for (let n = 0; n < 5; n += 1) await appendRun(executions, REVIEWER, makeRun());
  expect(attempts).toBe(1);
  expect(notices.filter((notice) => notice.includes("expired runs could not be taken out"))).toEqual([
    `expired runs could not be taken out of ${logPath(root, REVIEWER)}: the file system failed (ENOSPC)`,
  ]);
  later.advanceDays(0.1);
  await appendRun(executions, REVIEWER, makeRun());
  await executions.close();
  expect(attempts).toBe(2);
});

test("pruning reads a log once, and knows what it has left without reading it again", async () => {
  const root = fastTemporaryFolder();
  writeForeignText(root, REVIEWER, "what is no run stays\n");
  const repeated = { success: false, idempotency_key: "twice", timestamp: formatInstant(clock.now()) };
  writeForeignLines(root, REVIEWER, [...history(8000, 45 / 8000), repeated, { ...repeated, id: idOf(5) }]);
  let bytes = 0;
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "readSync") bytes += Number(answer);
    return answer;
  });
  const store = openJsonl(root, { now: clock.now, fileSystem });
  await store.runs.overview(REVIEWER);
  const size = readFileSync(logPath(root, REVIEWER)).length;
  bytes = 0;
  const { removed, kept } = await store.runs.prune(REVIEWER);
  const { view, unreadable } = await store.runs.overview(REVIEWER);
  await appendRun(store.runs, REVIEWER, runMaker(clock)());
  expect(bytes).toBeLessThan(1.2 * size);
  expect([removed + kept, unreadable, view.tally.runs]).toEqual([8001, 1, kept]);
  expect(runsIn.bind(null, root)).toThrow();
  const fresh = openJsonl(root, { now: clock.now });
  const index = join(root, ".kaizen", "metrics", REVIEWER, ".index", "checkpoint.json");
  expect(statSync(index).size).toBeGreaterThan(0);
  expect(await liveRuns(fresh)).toBe(kept + 1);
  const again = await appendRun(fresh.runs, REVIEWER, {
    record: { ...repeated, id: idOf(6) },
    reported: { success: false, idempotency_key: "twice" },
  });
  expect(again.duplicate).toBe(true);
});

test("a prune asked for takes out what has expired, though the clock goes on while the log is read", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, REVIEWER, history(40, 1));
  let ticks = 0;
  const { runs: executions } = openJsonl(root, { now: () => clock.now() + ticks++ });
  const { removed, kept } = await executions.prune(REVIEWER);
  expect([removed, kept, runsIn(root)]).toEqual([40 - kept, kept, kept]);
  expect(removed).toBeGreaterThan(5);
});
