import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { Verifier } from "../../src/domain/verification/verification.ts";
import type { NewVerification } from "../../src/storage/store.ts";
import { logPath } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { codeOfFault, failingFileSystem } from "../support/intercepted-file-system.ts";
import { damagedLinesOf, openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, mergeVerifications, verifyRun } from "../support/single-calls.ts";

function setUp() {
  const root = fastTemporaryFolder();
  let now = clockAt().now();
  const clock = { now: () => now, advanceDays: (days: number) => (now += days * DAY_MS) };
  const notices: string[] = [];
  const open = () => openJsonl(root, { now: clock.now, onNotice: (notice) => notices.push(notice) }).runs;
  const folder = join(root, ".kaizen", "metrics", REVIEWER);
  const verificationOf = (ordinal: number, success: boolean, verified_by: Verifier = "tests"): NewVerification => ({
    execution_id: idOf(ordinal),
    success,
    verified_by,
    timestamp: formatInstant(now),
  });
  const runs = open();
  const makeRun = runMaker(clock);
  return {
    root,
    clock,
    notices,
    open,
    folder,
    verificationOf,
    runs,
    log: logPath(root, REVIEWER),
    verifications: join(folder, "verifications.jsonl"),
    /** Records so many runs that claim success, and verifications that say that those named have failed. */
    async prepare(count: number, failed: readonly number[] = []) {
      for (let run = 0; run < count; run += 1) await appendRun(runs, REVIEWER, makeRun());
      for (const ordinal of failed) await verifyRun(runs, REVIEWER, verificationOf(ordinal, false));
    },
  };
}

describe("checks, when others change the files", () => {
  test.each(["in place", "by rename"])(
    "count no run that left the log %s, and count again one that comes back",
    async (how) => {
      const { open, runs, log, prepare } = setUp();
      await prepare(4, [1, 2, 4]);
      const whole = readFileSync(log, "utf8");
      const replace = (text: string) => {
        if (how === "in place") writeFileSync(log, text);
        else {
          writeFileSync(`${log}.new`, text);
          renameSync(`${log}.new`, log);
        }
      };
      for (const store of [runs, open()]) {
        expect((await store.overview(REVIEWER)).verified.verified).toEqual({ runs: 3, successes: 0 });
        replace(whole.split("\n").slice(2).join("\n"));
        expect((await store.overview(REVIEWER)).verified).toMatchObject({ verified: { runs: 1 }, claimedSuccesses: 1 });
        expect(await codeOf(verifyRun(store, REVIEWER, { ...setUp().verificationOf(1, true) }))).toBe("NOT_FOUND");
        replace(whole);
        expect((await store.overview(REVIEWER)).verified.verified).toEqual({ runs: 3, successes: 0 });
      }
    },
  );

  test("believe the log as to what a run claimed", async () => {
    const { open, log, prepare } = setUp();
    await prepare(2, [1]);
    writeFileSync(log, readFileSync(log, "utf8").replace('"success": true', '"success": false'));
    expect((await open().overview(REVIEWER)).verified).toMatchObject({ verified: { runs: 1 }, claimedSuccesses: 0 });
  });

  test("count once where a merge has put the verifications of two branches one after the other", async () => {
    const { runs, verifications, verificationOf, prepare } = setUp();
    await prepare(2, [1, 2]);
    const ours = readFileSync(verifications, "utf8");
    await verifyRun(runs, REVIEWER, verificationOf(1, true, "human"));
    writeFileSync(verifications, ours + readFileSync(verifications, "utf8") + ours);
    expect((await runs.overview(REVIEWER)).verified).toMatchObject({
      verified: { runs: 2, successes: 1 },
      contradictions: 1,
    });
  });

  test("are counted again where the clock is set back", async () => {
    const { clock, runs, open, prepare } = setUp();
    await prepare(2, [1]);
    clock.advanceDays(31);
    expect((await open().overview(REVIEWER)).verified.verified.runs).toBe(0);
    expect((await runs.overview(REVIEWER)).verified.verified.runs).toBe(0);
    const late = open();
    expect((await late.overview(REVIEWER)).verified.verified.runs).toBe(0);
    clock.advanceDays(-31);
    for (const store of [runs, late]) expect((await store.overview(REVIEWER)).verified.verified.runs).toBe(1);
  });

  test("say the same without an index, and with one that is damaged", async () => {
    const { folder, runs, open, verificationOf, prepare } = setUp();
    await prepare(3);
    // Long enough for a checkpoint.
    for (let n = 0; n < 6; n += 1)
      await verifyRun(runs, REVIEWER, { ...verificationOf(1 + (n % 3), n > 3), evidence: "é".repeat(8000) });
    const checkpoint = join(folder, ".index", "verifications.json");
    const expected = (await runs.overview(REVIEWER)).verified;
    expect(expected.verified).toEqual({ runs: 3, successes: 2 });
    const good = readFileSync(checkpoint, "utf8");
    for (const content of [good, good.replace('"successes":', '"successes":1'), "", "{}\n{}\n", good.slice(0, -9)]) {
      writeFileSync(checkpoint, content);
      expect((await open().overview(REVIEWER)).verified).toEqual(expected);
    }
    rmSync(join(folder, ".index"), { recursive: true });
    for (const store of [runs, open()]) expect((await store.overview(REVIEWER)).verified).toEqual(expected);
  });

  test("are refused where a link stands in the place of their file, which counts as damage", async () => {
    const { root, verifications, runs, verificationOf, prepare } = setUp();
    await prepare(1);
    mkdirSync(join(root, "elsewhere"));
    symlinkSync(join(root, "elsewhere", "target"), verifications);
    expect(await codeOf(verifyRun(runs, REVIEWER, verificationOf(1, true)))).toBe("UNSAFE_PATH");
    expect(await runs.overview(REVIEWER)).toMatchObject({ view: { tally: { runs: 1 } }, unreadable: 1 });
    expect(await runs.changeToken(REVIEWER)).toBeTypeOf("string");
  });
});

describe("a verification that a crash has torn", () => {
  test("counts whole or not at all, wherever it was cut, and stops no later one", async () => {
    const { runs, verifications, verificationOf, prepare, open } = setUp();
    await prepare(2, [1]);
    const acknowledged = readFileSync(verifications).length;
    await verifyRun(runs, REVIEWER, verificationOf(2, false));
    const whole = readFileSync(verifications);
    await runs.close();
    const problems: string[] = [];
    for (let cut = acknowledged; cut <= whole.length; cut += cut > whole.length - 4 ? 1 : 7) {
      writeFileSync(verifications, whole);
      truncateSync(verifications, cut);
      const reader = open();
      const before = await reader.overview(REVIEWER);
      // Without its newline it may still be under way.
      const isWhole = cut === whole.length;
      if (before.verified.verified.runs !== (isWhole ? 2 : 1) || before.unreadable > 0) problems.push(`read ${cut}`);
      const { run, overview } = await verifyRun(open(), REVIEWER, verificationOf(1, true, "ci"));
      if (run.verifications.tests !== false || run.verifications.ci !== true) problems.push(`checks ${cut}`);
      const isCounted = cut >= whole.length - 1;
      const damaged = isCounted || cut === acknowledged ? 0 : 1;
      if (overview.verified.verified.runs !== (isCounted ? 2 : 1)) problems.push(`figures ${cut}`);
      if (overview.unreadable !== damaged) problems.push(`damage ${cut}`);
      if ((await reader.overview(REVIEWER)).unreadable !== damaged) problems.push(`other reader ${cut}`);
    }
    expect(problems).toEqual([]);
  });

  test("is known to the next check of its run once it has its newline", async () => {
    const { runs, verifications, verificationOf, prepare } = setUp();
    await prepare(1, [1]);
    truncateSync(verifications, readFileSync(verifications).length - 1);
    expect((await verifyRun(runs, REVIEWER, verificationOf(1, true, "human"))).run.verifications).toEqual({
      tests: false,
      human: true,
    });
    expect(readFileSync(verifications, "utf8")).toContain('"earlier": {"tests": false}');
  });

  test("but for its newline is not added again when it comes once more from elsewhere", async () => {
    const { runs, verifications, verificationOf, prepare } = setUp();
    await prepare(1, [1]);
    const whole = readFileSync(verifications);
    truncateSync(verifications, whole.length - 1);
    expect(await mergeVerifications(runs, REVIEWER, [verificationOf(1, false)])).toEqual(["present"]);
    expect(readFileSync(verifications)).toEqual(whole);
  });
});

test("checks leave their file with the runs that they are of, and everything else in it stays", async () => {
  const { clock, runs, verifications, verificationOf, prepare } = setUp();
  await prepare(2, [1, 2, 1]);
  clock.advanceDays(20);
  await prepare(1);
  await verifyRun(runs, REVIEWER, verificationOf(3, true));
  appendFileSync(verifications, "not a verification\n");
  clock.advanceDays(15);
  await runs.prune(REVIEWER);
  const [live = "", ...others] = readFileSync(verifications, "utf8").split("\n");
  expect(live).toContain(idOf(3));
  expect(others).toEqual(["not a verification", ""]);
  expect(await runs.overview(REVIEWER)).toMatchObject({ unreadable: 1, verified: { verified: { runs: 1 } } });
});

describe("lines that hold no verification", () => {
  test("are named with their file, hide no other, and move to a quarantine of their own", async () => {
    const { clock, root, runs, notices, folder, verifications, verificationOf, prepare } = setUp();
    await prepare(2, [1]);
    appendFileSync(verifications, '<<<<<<< HEAD\n\n{"success": true}\n');
    await verifyRun(runs, REVIEWER, verificationOf(2, true));
    const expected = { unreadable: 2, verified: { verified: { runs: 2, successes: 1 } } };
    expect(await runs.overview(REVIEWER)).toMatchObject(expected);
    expect(notices.filter((notice) => notice.includes("verifications.jsonl"))).toHaveLength(2);
    const named = {
      file: ".kaizen/metrics/reviewer/verifications.jsonl",
      reason: "it is not a verification",
      lost: true,
    };
    expect(await damagedLinesOf(root, REVIEWER, clock.now)).toMatchObject([
      { ...named, line: 2 },
      { ...named, line: 4 },
    ]);
    expect(await runs.repair(REVIEWER)).toEqual({ quarantined: 2, mended: 0 });
    expect(await runs.overview(REVIEWER)).toMatchObject({ ...expected, unreadable: 0 });
    expect(readFileSync(join(folder, "verifications.quarantine"), "utf8")).toBe('<<<<<<< HEAD\n{"success": true}\n');
  });
});

test("lines that hold no event, and entries that are none, are counted, and hide no other", async () => {
  const { root, clock, notices } = setUp();
  const open = () => openJsonl(root, { now: clock.now, onNotice: (notice) => notices.push(notice) }).advice;
  const optimizer = open();
  const folder = join(root, ".kaizen", "metrics", "optimizer");
  const event = (change: "proposed" | "adopted" | "reopened") => ({
    ...{ id: "rec_1", change, timestamp: "2026-11-22T10:00:00Z" },
    ...{ execution_count: 1, after_execution: null },
  });
  const entry = { timestamp: "2026-11-22T10:00:00Z", agent: "a", metrics_count: 1, recommendations: [{ id: "rec_1" }] };
  await optimizer.merge({ entries: [entry], events: [event("proposed")] });
  for (const name of ["recommendation-events.jsonl", "recommendations.jsonl"]) {
    appendFileSync(join(folder, name), '<<<<<<< HEAD\n{"id": 3}\n\n \n{"torn');
  }
  expect((await optimizer.readAdvice()).unreadable).toBe(4);
  await optimizer.change(() => event("adopted"));
  await optimizer.writeAnalysis({}, { entries: [entry], events: [] });
  // Torn once more: what stands behind the last newline was never acknowledged, and may be under way.
  appendFileSync(join(folder, "recommendation-events.jsonl"), JSON.stringify(event("reopened")).slice(0, -1));
  const advice = { entries: [entry, entry], events: [event("proposed"), event("adopted")], unreadable: 6 };
  expect(await optimizer.readAdvice()).toEqual(advice);
  expect(notices).toHaveLength(4);
  expect(await open().readAdvice()).toEqual(advice);
  expect(notices.slice(4)).toEqual([
    expect.stringMatching(/3 lines of .*recommendations\.jsonl/),
    expect.stringMatching(/3 lines of .*recommendation-events\.jsonl/),
  ]);
});

test("a report that cannot be read is not taken for none, and a new one takes its place", async () => {
  const { root, clock } = setUp();
  const { advice: optimizer } = openJsonl(root, { now: clock.now });
  const path = await optimizer.writeAnalysis({ first: true });
  for (const content of ["", '{"torn', "[1]", "null", "\u0000"]) {
    writeFileSync(path, content);
    const error = await optimizer.readAnalysis().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "IO_ERROR", message: expect.stringContaining("analysis.json") });
  }
  await optimizer.writeAnalysis({ second: true });
  expect(await optimizer.readAnalysis()).toEqual({ second: true });
  rmSync(path);
  expect(await optimizer.readAnalysis()).toBeUndefined();
});

describe("when a file system call of a verification fails", () => {
  test.each(["EIO", "ENOSPC", "full", "short"] as const)(
    "with %s, the error says so, what was acknowledged counts, and the next check works",
    async (fault) => {
      const problems: string[] = [];
      for (let at = 1; at < 500; at += 1) {
        const { root, clock, verificationOf, prepare, runs, open } = setUp();
        await prepare(2, [1]);
        await runs.close();
        const failing = failingFileSystem(at, fault);
        const store = openJsonl(root, {
          now: clock.now,
          fileSystem: failing.fileSystem,
          lockTimeoutMs: 200,
        }).runs;
        const error = await verifyRun(store, REVIEWER, verificationOf(2, false)).catch((thrown: unknown) => thrown);
        const struck = failing.struck();
        if (struck === undefined) break;
        if (!("failed" in struck && struck.failed)) continue;
        failing.heal();
        const name = `call ${at}, ${struck.name}`;
        if (error instanceof Error && Reflect.get(error, "code") !== codeOfFault(fault, struck))
          problems.push(`${name}: ${error}`);
        const counted = (await open().overview(REVIEWER)).verified.verified.runs;
        if (!(error instanceof Error) && counted !== 2) problems.push(`${name}: acknowledged, and lost`);
        const { overview } = await verifyRun(store, REVIEWER, verificationOf(2, true, "human"));
        if (overview.verified.verified.runs !== 2 || overview.view.tally.runs !== 2)
          problems.push(`${name}: then wrong`);
      }
      expect(problems).toEqual([]);
    },
  );
});
