import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { logPath, readLogStrictly, writeForeignLines } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import {
  type FileSystemCall,
  fileSystemError,
  interceptedFileSystem,
  moveHalf,
} from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun, knowsRun } from "../support/single-calls.ts";
import { prepare, scenarioClock } from "./scenarios.ts";

/** While lines are flushed they are taken in from memory, and the summary is written. */

const clock = clockAt();
const foreign = { success: false, id: idOf(50), timestamp: "2026-11-22T09:00:00Z", notes: "of another program" };

/** A file system on which something happens before or after the next write to the log, once. */
function atNextWrite(what: () => void, when: "before" | "after"): { fileSystem: FileSystem; arm(): void } {
  let isArmed = false;
  const isOfLog = ({ name, args }: FileSystemCall) =>
    name === "writeSync" && String(args[1]).includes('"notes": "ours"');
  const fileSystem = interceptedFileSystem((call) => {
    if (!isArmed || !isOfLog(call)) return call.proceed();
    isArmed = false;
    if (when === "before") what();
    const written = call.proceed();
    if (when === "after") what();
    return written;
  });
  return {
    fileSystem,
    arm() {
      isArmed = true;
    },
  };
}

describe.each(["before", "after"] as const)("what another program appends right %s our lines", (when) => {
  test("counts in the answer, is found, and no byte of either is lost", async () => {
    const root = fastTemporaryFolder();
    const makeRun = runMaker(clock);
    const { fileSystem, arm } = atNextWrite(() => writeForeignLines(root, REVIEWER, [foreign]), when);
    const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
    await appendRun(executions, REVIEWER, makeRun({ notes: "ours" }));
    arm();
    const { overview, execution } = await appendRun(executions, REVIEWER, makeRun({ notes: "ours" }));
    expect(overview.view.tally).toMatchObject({ runs: 3, successes: 2 });
    expect(await findRun(executions, REVIEWER, idOf(50))).toMatchObject({ id: idOf(50) });
    expect(await knowsRun(executions, REVIEWER, execution.id ?? "")).toBe(true);
    expect(await findRun(executions, REVIEWER, execution.id ?? "")).toEqual(execution);
    const { overview: next } = await appendRun(executions, REVIEWER, makeRun({ notes: "ours" }));
    expect(next.view.tally.runs).toBe(4);
    expect(readLogStrictly(root, REVIEWER)).toHaveLength(4);
  });
});

describe("lines that are written in two pieces, with another program's in between", () => {
  /** The next `times` writes of a log are done by half, and then somebody else appends. */
  function torn(root: string, times: number) {
    let left = times;
    const fileSystem = interceptedFileSystem((call) => {
      const isOfLog = call.name === "writeSync" && String(call.args[1]).includes("ours");
      if (left === 0 || !isOfLog || call.args[2] !== 0) return call.proceed();
      left -= 1;
      const written = moveHalf(call);
      writeForeignLines(root, REVIEWER, [foreign]);
      return written;
    });
    return openJsonl(root, { now: clock.now, fileSystem }).runs;
  }

  test("are written again, and counted once", async () => {
    const root = fastTemporaryFolder();
    const makeRun = runMaker(clock);
    const executions = torn(root, 1);
    const runs = ["ours, 1", "ours, 2", "ours, 3"].map((notes) => makeRun({ notes }));
    const answers = await Promise.all(runs.map((run) => appendRun(executions, REVIEWER, run)));
    for (const { execution } of answers) {
      expect(await knowsRun(executions, REVIEWER, execution.id ?? "")).toBe(true);
      expect(await findRun(executions, REVIEWER, execution.id ?? "")).toEqual(execution);
    }
    const { view } = await openJsonl(root, { now: clock.now }).runs.overview(REVIEWER);
    // Three of ours, and one of theirs.
    expect(view.tally.runs).toBe(4);
    expect((await executions.overview(REVIEWER)).view).toEqual(view);
  });

  test("are not acknowledged where that goes on", async () => {
    const root = fastTemporaryFolder();
    const makeRun = runMaker(clock);
    const executions = torn(root, 3);
    const run = makeRun({ notes: "ours", idempotency_key: "key" });
    await expect(appendRun(executions, REVIEWER, run)).rejects.toMatchObject({ code: "IO_ERROR" });
    expect(await appendRun(executions, REVIEWER, run)).toMatchObject({ duplicate: false });
    expect((await executions.overview(REVIEWER)).view.tally).toMatchObject({ runs: 2, successes: 1 });
  });
});

test("a run whose flush fails is in neither the log nor the summary", async () => {
  const root = fastTemporaryFolder();
  const makeRun = runMaker(clock);
  let isBroken = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (!isBroken || call.name !== "fdatasync") return call.proceed();
    isBroken = false;
    // Later than the summary was written.
    return new Promise((_, reject) => setImmediate(() => reject(fileSystemError("EIO", call.name))));
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
  await appendRun(executions, REVIEWER, makeRun());
  isBroken = true;
  await expect(appendRun(executions, REVIEWER, makeRun())).rejects.toMatchObject({ code: "IO_ERROR" });
  const summary = readFileSync(join(dirname(logPath(root, REVIEWER)), "summary.json"), "utf8");
  expect(JSON.parse(summary)).toMatchObject({ execution_count: 1 });
  expect(readLogStrictly(root, REVIEWER)).toHaveLength(1);
  const { overview } = await appendRun(executions, REVIEWER, makeRun());
  expect(overview.view.tally.runs).toBe(2);
});

test("an agent's first run whose flush fails leaves neither a log nor a summary", async () => {
  const root = fastTemporaryFolder();
  const makeRun = runMaker(clock);
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name !== "fdatasync") return call.proceed();
    return new Promise((_, reject) => setImmediate(() => reject(fileSystemError("EIO", call.name))));
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
  await expect(appendRun(executions, REVIEWER, makeRun())).rejects.toMatchObject({ code: "IO_ERROR" });
  expect(readdirSync(dirname(logPath(root, REVIEWER)))).toEqual([]);
});

test("what was appended is not read back", async () => {
  const root = fastTemporaryFolder();
  const makeRun = runMaker(clock);
  let bytesRead = 0;
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "readSync") bytesRead += Number(answer);
    return answer;
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
  await appendRun(executions, REVIEWER, makeRun({ notes: "first" }));
  bytesRead = 0;
  await appendRun(executions, REVIEWER, makeRun({ notes: "n".repeat(50_000) }));
  expect(bytesRead).toBeLessThan(20_000);
  // Nor by the next ones: where the log ends is known as it will be found.
  for (const notes of ["long enough to tell where it ends".repeat(10), "", ""]) {
    await appendRun(executions, REVIEWER, makeRun({ notes }));
  }
  expect(bytesRead).toBeLessThan(45_000);
});

test("a run that another process took back is known by none as another one of the same length", async () => {
  const root = fastTemporaryFolder();
  const reported = (key: string) => ({ success: true, idempotency_key: key, notes: "n".repeat(300) });
  const makeRun = runMaker(clock);
  const b = openJsonl(root, { now: clock.now }).runs;
  let isBroken = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (!isBroken || call.name !== "fdatasync") return call.proceed();
    isBroken = false;
    return b.overview(REVIEWER).then(() => Promise.reject(fileSystemError("EIO", call.name)));
  });
  const a = openJsonl(root, { now: clock.now, fileSystem }).runs;
  await appendRun(a, REVIEWER, makeRun());
  isBroken = true;
  await expect(appendRun(a, REVIEWER, makeRun(reported("key-1")))).rejects.toMatchObject({ code: "IO_ERROR" });
  await appendRun(a, REVIEWER, makeRun(reported("key-2")));
  expect(await appendRun(b, REVIEWER, makeRun(reported("key-2")))).toMatchObject({ duplicate: true });
  expect((await appendRun(b, REVIEWER, makeRun(reported("key-1")))).duplicate).toBe(false);
});

test("what a report repeats is on disk before that is said", async () => {
  const root = fastTemporaryFolder();
  const makeRun = runMaker(clock);
  const run = makeRun({ idempotency_key: "once" });
  const isBroken = (name: string) => name === "fdatasync" || name === "ftruncateSync";
  const broken = interceptedFileSystem((call) => {
    if (isBroken(call.name)) throw fileSystemError("EIO", call.name);
    return call.proceed();
  });
  const failing = openJsonl(root, { now: clock.now, fileSystem: broken }).runs;
  await expect(appendRun(failing, REVIEWER, run)).rejects.toMatchObject({ code: "IO_ERROR" });
  // The line stands there, and nobody has flushed it.
  expect(readLogStrictly(root, REVIEWER)).toHaveLength(1);
  await expect(appendRun(failing, REVIEWER, run)).rejects.toMatchObject({ code: "IO_ERROR" });
  let flushes = 0;
  const counting = interceptedFileSystem((call) => {
    if (call.name === "fdatasync") flushes += 1;
    return call.proceed();
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem: counting });
  expect(await appendRun(executions, REVIEWER, run)).toMatchObject({ duplicate: true });
  expect(flushes).toBe(1);
});

test.each(["a new run", "the same run again"])(
  "what a flush failed to bring to disk, and nobody can take back, is written once more before %s is acknowledged",
  async (next) => {
    const root = fastTemporaryFolder();
    const log = logPath(root, REVIEWER);
    const makeRun = runMaker(clock);
    const run = makeRun({ idempotency_key: "k" });
    /** What the system will bring to disk with the next flush, and what is there. */
    let dirty: { from: number; text: string }[] = [];
    let onDisk = "";
    let failures = 0;
    let writtenAgain = 0;
    const ofLog = new Set<unknown>();
    const fileSystem = interceptedFileSystem((call) => {
      if (call.name === "writeSync" && ofLog.has(call.args[0])) {
        const from = (call.args[4] as number | undefined) ?? statSync(log).size;
        if (call.args[4] !== undefined) writtenAgain += 1;
        dirty.push({ from, text: String(call.args[1]) });
      }
      if (call.name === "fdatasync" && failures > 0) {
        dirty = [];
        failures -= 1;
        writeForeignLines(root, REVIEWER, [foreign]);
        return Promise.reject(fileSystemError("EIO", call.name));
      }
      const answer = call.proceed();
      if (call.name === "openSync" && call.args[0] === log) ofLog.add(answer);
      if (call.name === "closeSync") ofLog.delete(call.args[0]);
      if (call.name !== "fdatasync") return answer;
      const written = dirty;
      dirty = [];
      for (const { from, text } of written) onDisk = onDisk.slice(0, from).padEnd(from, "?") + text;
      return answer;
    });
    const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
    await appendRun(executions, REVIEWER, makeRun());
    failures = 2;
    await expect(appendRun(executions, REVIEWER, run)).rejects.toMatchObject({ code: "IO_ERROR" });
    await expect(appendRun(executions, REVIEWER, makeRun())).rejects.toMatchObject({ code: "IO_ERROR" });
    writtenAgain = 0;
    const acknowledged = await appendRun(executions, REVIEWER, next === "a new run" ? makeRun() : run);
    expect(acknowledged.duplicate).toBe(next !== "a new run");
    expect(onDisk).toBe(readFileSync(log, "utf8"));
    await appendRun(executions, REVIEWER, makeRun());
    expect(writtenAgain).toBe(1);
  },
);

test("files that only look like ours stay where they are", async () => {
  const root = fastTemporaryFolder();
  await prepare(root, "append");
  const names = ["notes.tmp-draft.md", "executions.jsonl.tmp-backup", "executions.jsonl.rewrite-by-hand.jsonl"];
  const folder = dirname(logPath(root, REVIEWER));
  for (const name of names) writeFileSync(join(folder, name), "mine");
  const { runs: executions } = openJsonl(root, { now: scenarioClock.now });
  await appendRun(executions, REVIEWER, runMaker(scenarioClock)());
  await executions.prune(REVIEWER);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(names));
});

test("a log that is replaced while the lines are flushed gets them as well", async () => {
  const root = fastTemporaryFolder();
  const makeRun = runMaker(clock);
  const path = logPath(root, REVIEWER);
  let isArmed = false;
  const fileSystem = interceptedFileSystem((call) => {
    if (isArmed && call.name === "fdatasync") {
      isArmed = false;
      // As a checkout does: another file under the same name, of which nobody here knows.
      writeFileSync(`${path}.checkout`, `${JSON.stringify(foreign)}\n`);
      renameSync(`${path}.checkout`, path);
    }
    return call.proceed();
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
  await appendRun(executions, REVIEWER, makeRun());
  isArmed = true;
  const { execution, overview } = await appendRun(executions, REVIEWER, makeRun());
  expect(readLogStrictly(root, REVIEWER).map(({ id }) => id)).toEqual([idOf(50), execution.id]);
  expect(overview.view.tally.runs).toBe(2);
});

test("a checkpoint speaks of nothing that is not on disk yet", async () => {
  const root = fastTemporaryFolder();
  await prepare(root, "append with an index due");
  const order: string[] = [];
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name !== "fdatasync") {
      if (String(call.args[0]).includes("checkpoint.json.tmp")) order.push(call.name);
      return call.proceed();
    }
    return Promise.resolve(call.proceed()).then(() => void order.push("on disk"));
  });
  await appendRun(openJsonl(root, { now: scenarioClock.now, fileSystem }).runs, REVIEWER, runMaker(scenarioClock)());
  expect(order).toEqual(["on disk", "openSync", "renameSync"]);
});
