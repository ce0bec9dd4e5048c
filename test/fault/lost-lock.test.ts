import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import { KaizenError } from "../../src/errors.ts";
import { describeThisProcess, encodeOwner } from "../../src/storage/jsonl/lock/owner.ts";
import type { JsonlStore } from "../../src/storage/jsonl/store.ts";
import { logPath } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, mergeVerifications, verifyRun } from "../support/single-calls.ts";
import { operations, prepare, scenarioClock } from "./scenarios.ts";

/** A machine that slept in the middle of a rewrite, so that another process took the lock, and may have written since. */

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const another = encodeOwner({ ...describeThisProcess("another"), pid: 1 });

test("an append whose lock was lost meanwhile adds nothing", async () => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  const path = logPath(root, REVIEWER);
  const before = readFileSync(path);
  // Opening the log is the last thing that it does before it writes.
  const isLast = (name: string, file: string) => name === "openSync" && file === path;
  expect(await loseLock(root, REVIEWER, ({ runs: executions }) => operations.append.perform(executions), isLast)).toBe(
    "LOCK_TIMEOUT",
  );
  expect(readFileSync(path)).toEqual(before);
});

/** Does something that writes a new file, during which the lock is lost, and gives the code of the error. */
async function loseLock(
  root: string,
  lock: string,
  work: (store: JsonlStore) => Promise<unknown>,
  isMoment = (name: string, path: string) => name === "openSync" && path.includes(".rewrite-"),
): Promise<string> {
  const lockPath = join(root, ".kaizen/metrics/.locks", `${lock}.lock`);
  let isLost = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (!isLost && isMoment(call.name, String(call.args[0]))) {
      isLost = true;
      vi.setSystemTime(Date.now() + 60_000);
      rmSync(lockPath);
      writeFileSync(lockPath, another);
    }
    return call.proceed();
  });
  const store = openJsonl(root, { now: scenarioClock.now, fileSystem, lockTimeoutMs: 200 });
  const code = await work(store).then(
    () => "none",
    (error: unknown) => (error instanceof KaizenError ? error.code : String(error)),
  );
  expect(isLost).toBe(true);
  expect(readFileSync(lockPath)).toEqual(another);
  return code;
}

function filesUnderWay(path: string): string[] {
  return readdirSync(dirname(path)).filter((name) => /rewrite-|drain-|tmp-/.test(name));
}

describe.each(["prune", "sortByTime", "repair"] as const)("a %s whose lock was lost meanwhile", (operation) => {
  test("replaces nothing, says so, and leaves the lock to the one who has it", async () => {
    const root = fastTemporaryFolder();
    await prepare(root, operation);
    const path = logPath(root, REVIEWER);
    const before = readFileSync(path);
    expect(await loseLock(root, REVIEWER, ({ runs: executions }) => operations[operation].perform(executions))).toBe(
      "LOCK_TIMEOUT",
    );
    expect(readFileSync(path)).toEqual(before);
    expect(filesUnderWay(path)).toEqual([]);
  });
});

const now = formatInstant(scenarioClock.now());
const expired = "2020-01-01T00:00:00Z";
const verification = { execution_id: idOf(1), success: true, verified_by: "ci", timestamp: now } as const;
const expiredVerification = { ...verification, agent: REVIEWER, claimed: true, executed_at: expired };
const advice = { timestamp: now, agent: REVIEWER, metrics_count: 1, recommendations: [] } as const;
const seen = { event: "started", key: "new", timestamp: now } as const;
const found = { key: "new", timestamp: now } as const;
// Most of what was seen before this call says that the clock is right.
const recentEvent = { agent: REVIEWER, event: "started", first_seen: now, key: "recent", timestamp: now };
const recentEvidence = { agent: REVIEWER, first_seen: now, key: "recent", timestamp: now, v: 1 };
const expiredEvidence = { ...recentEvidence, first_seen: expired, key: "old", timestamp: expired };
const expiredEvent = { agent: REVIEWER, event: "started", first_seen: expired, key: "old", timestamp: expired };

test.each<[string, object[], (store: JsonlStore) => Promise<unknown>]>([
  [
    "verifications.jsonl",
    [expiredVerification, expiredVerification],
    ({ runs: executions }) => verifyRun(executions, REVIEWER, verification),
  ],
  ["lifecycle.jsonl", [expiredEvent, recentEvent, recentEvent], ({ lifecycle }) => lifecycle.observe(REVIEWER, seen)],
  [
    "evidence.jsonl",
    [expiredEvidence, recentEvidence, recentEvidence],
    ({ evidence }) => evidence.note(REVIEWER, found),
  ],
])("%s is not replaced without what has expired where the lock was lost meanwhile", async (name, records, write) => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  const path = join(dirname(logPath(root, REVIEWER)), name);
  const before = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  writeFileSync(path, before);
  const isMoment = (call: string, file: string) => call === "openSync" && file.startsWith(`${path}.rewrite-`);
  // What was written before that is acknowledged.
  expect(await loseLock(root, REVIEWER, write, isMoment)).toBe("none");
  const after = readFileSync(path, "utf8");
  expect(after.startsWith(before)).toBe(true);
  expect(after.slice(before.length).match(/\n/g)).toHaveLength(1);
  expect(filesUnderWay(path)).toEqual([]);
});

test.each<[string, string, string, (store: JsonlStore) => Promise<unknown>]>([
  [
    "a verification",
    REVIEWER,
    "executions.jsonl",
    ({ runs: executions }) => verifyRun(executions, REVIEWER, verification),
  ],
  [
    "checks from elsewhere",
    REVIEWER,
    "executions.jsonl",
    ({ runs: executions }) => mergeVerifications(executions, REVIEWER, [verification]),
  ],
  [
    "a lifecycle event",
    REVIEWER,
    "lifecycle.jsonl",
    ({ lifecycle }) => lifecycle.observe(REVIEWER, { ...seen, key: "later" }),
  ],
  ["evidence", REVIEWER, "evidence.jsonl", ({ evidence }) => evidence.note(REVIEWER, { ...found, key: "later" })],
  ["a report", "optimizer", "analysis.json.tmp-", ({ advice: optimizer }) => optimizer.writeAnalysis({ new: true })],
  // The folder is looked through for what others left, before anything is written.
  ["advice", "optimizer", "", ({ advice: optimizer }) => optimizer.merge({ entries: [advice], events: [] })],
])("%s whose lock was lost meanwhile is not written, nor acknowledged", async (_, lock, file, write) => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  const store = openJsonl(root, { now: scenarioClock.now });
  await appendRun(store.runs, REVIEWER, runMaker(scenarioClock)({ notes: "to be checked" }));
  await store.lifecycle.observe(REVIEWER, seen);
  await store.evidence.note(REVIEWER, found);
  await store.advice.writeAnalysis({});
  const folder = join(root, ".kaizen/metrics", lock);
  const content = () =>
    readdirSync(folder).map((name) => [name, name === ".index" || readFileSync(join(folder, name))]);
  const before = content();
  const isMoment = (call: string, path: string) =>
    /^(open|readdir)Sync$/.test(call) && path.startsWith(join(folder, file));
  expect(await loseLock(root, lock, write, isMoment)).toBe("LOCK_TIMEOUT");
  expect(content()).toEqual(before);
});

test.each([
  ["lifecycle.jsonl", REVIEWER],
  ["evidence.jsonl", REVIEWER],
  ["verifications.jsonl", REVIEWER],
  ["recommendations.jsonl", "optimizer"],
])("a repair of %s whose lock was lost meanwhile replaces nothing", async (name, lock) => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  const { advice: optimizer } = openJsonl(root, { now: scenarioClock.now });
  await optimizer.writeAnalysis({});
  const path = join(root, ".kaizen/metrics", lock, name);
  appendFileSync(path, "torn\n");
  const code = await loseLock(root, lock, async ({ files }) => {
    const failures = await files.repair((await files.examine(() => {})).findings, () => {});
    throw failures[0];
  });
  expect(code).toBe("LOCK_TIMEOUT");
  expect(readFileSync(path, "utf8")).toBe("torn\n");
  expect(filesUnderWay(path)).toEqual([]);
});
