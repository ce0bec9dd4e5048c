import { describe, expect, test } from "vitest";
import { meanOf } from "../../src/domain/history/tally.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { Retention, RunStore } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, type Clock, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun, namesOf } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;

interface Bench {
  readonly clock: Clock;
  readonly place: Place;
  readonly retention: Retention | undefined;
  readonly runs: RunStore;
  readonly makeRun: ReturnType<typeof runMaker>;
}

/** The promises of the port, one test each. Every store of runs is held to this suite. */
export function describeExecutionStore(name: string, newPlace: () => Place): void {
  function setUp(): Bench {
    const clock = clockAt();
    const place = newPlace();
    const { retention, runs } = place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    return { clock, place, retention, runs, makeRun: runMaker(clock) };
  }

  describe(`${name}: recording`, () => {
    test("gives the run back as it stands in the log, with the figures that now hold", async () => {
      const { runs, makeRun } = setUp();
      const run = makeRun({ success: false, quality_score: 0.25, execution_time_s: 3 });
      const { execution, duplicate, overview } = await appendRun(runs, REVIEWER, run);
      expect(execution.record).toEqual(run.record);
      expect(execution).toMatchObject({ id: idOf(1), success: false, quality: 0.25, timeS: 3, key: undefined });
      expect(duplicate).toBe(false);
      expect(overview).toMatchObject({
        unreadable: 0,
        view: { tally: { runs: 1, successes: 0 }, recentQuality: [0.25] },
      });
    });

    test("keeps every key of a record that it does not know, at every depth", async () => {
      const { runs, makeRun } = setUp();
      const run = makeRun({
        tests: { passed: 12, names: ["a", null, { "": 0.1 }] },
        "ключ \u2028": "\ud83d\ude00 é\u007f",
      });
      await appendRun(runs, REVIEWER, run);
      expect((await findRun(runs, REVIEWER, idOf(1)))?.record).toEqual(run.record);
    });

    test("is not touched by what the caller does to the record afterwards", async () => {
      const { runs, makeRun } = setUp();
      const run = makeRun({ tags: ["first"] });
      await appendRun(runs, REVIEWER, run);
      (run.record.tags as string[]).push("second");
      expect((await findRun(runs, REVIEWER, idOf(1)))?.record.tags).toEqual(["first"]);
    });

    test("refuses a record that does not say whether the run succeeded", async () => {
      const { runs } = setUp();
      const record = { timestamp: "2026-11-22T10:00:00Z" };
      expect(await codeOf(appendRun(runs, REVIEWER, { record, reported: record }))).toBe("INVALID_ARGUMENT");
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(0);
    });

    test("keeps the runs of different agents apart", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await appendRun(runs, agentNamed("writer"), makeRun({ success: false }));
      expect((await runs.overview(REVIEWER)).view.tally).toMatchObject({ runs: 1, successes: 1 });
      expect((await runs.overview(agentNamed("writer"))).view.tally).toMatchObject({ runs: 1, successes: 0 });
    });

    test("records calls that arrive together each once, in the order in which they were made", async () => {
      const { runs, makeRun } = setUp();
      const all = Array.from({ length: 50 }, () => makeRun());
      const appended = await Promise.all(all.map((run) => appendRun(runs, REVIEWER, run)));
      expect(appended.map(({ duplicate }) => duplicate)).not.toContain(true);
      const { executions } = await runs.page(REVIEWER, { filter: {}, limit: 100 });
      expect(executions.map(({ id }) => id).reverse()).toEqual(all.map((run) => run.record.id));
    });

    test.each([
      ["Reviewer", "letters of another case"],
      ["REVIEWER", "capitals"],
      ["\uff52eviewer", "a wide letter"],
    ])("refuses %s beside reviewer: %s", async (variant) => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      expect(await codeOf(appendRun(runs, agentNamed(variant), makeRun()))).toBe("INVALID_AGENT");
      expect(await namesOf(runs)).toEqual([REVIEWER]);
    });

    test("is answered for each call on its own where one of several together is refused", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" }));
      const [first, refused, last] = await Promise.allSettled([
        appendRun(runs, REVIEWER, makeRun()),
        appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", success: false })),
        appendRun(runs, REVIEWER, makeRun()),
      ]);
      expect([first?.status, refused?.status, last?.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(3);
    });
  });

  describe(`${name}: idempotency keys`, () => {
    test("give the first run back for the same report, and record nothing", async () => {
      const { runs, clock, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "n" }));
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(1);
      const again = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "n" }));
      expect(again).toMatchObject({
        duplicate: true,
        execution: { id: idOf(1) },
        overview: { view: { tally: { runs: 2 } } },
      });
    });

    test("fail with KEY_CONFLICT for another report, and record nothing", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "n" }));
      expect(await codeOf(appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "m" })))).toBe(
        "KEY_CONFLICT",
      );
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(1);
    });

    test("are each agent's own", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" }));
      const other = await appendRun(runs, agentNamed("writer"), makeRun({ idempotency_key: "k" }));
      expect(other.duplicate).toBe(false);
    });

    test("are compared whole: neither case, nor a space, nor a Unicode form is lost", async () => {
      const { runs, makeRun } = setUp();
      const keys = ["k", "K", "k ", "\u00e9", "e\u0301", "key:k", "__proto__", "0"];
      for (const idempotency_key of keys) {
        expect((await appendRun(runs, REVIEWER, makeRun({ idempotency_key }))).duplicate).toBe(false);
      }
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(keys.length);
    });

    test("can be used again once the run has expired", async () => {
      const { runs, clock, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "first" }));
      clock.advanceDays(RETENTION_DAYS + 1);
      const reused = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "second" }));
      expect(reused).toMatchObject({
        duplicate: false,
        execution: { id: idOf(2) },
        overview: { view: { tally: { runs: 1 } } },
      });
      const again = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "second" }));
      expect(again).toMatchObject({ duplicate: true, execution: { id: idOf(2) } });
    });

    test("let one of many calls at the same moment record, and give its run to all", async () => {
      const { runs, makeRun } = setUp();
      const calls = Array.from({ length: 20 }, () => appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" })));
      const appended = await Promise.all(calls);
      expect(appended.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(new Set(appended.map(({ execution }) => execution.id))).toEqual(new Set([idOf(1)]));
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(1);
    });
  });

  describe(`${name}: retention`, () => {
    test("counts an expired run in no answer, pruned or not", async () => {
      const { runs, clock, makeRun, retention } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ success: false, quality_score: 0.1 }));
      clock.advanceDays(20);
      await appendRun(runs, REVIEWER, makeRun({ quality_score: 0.9 }));
      clock.advanceDays(RETENTION_DAYS - 10);
      for (const step of ["before", "after"]) {
        if (step === "after") await retention?.prune(REVIEWER);
        const { view } = await runs.overview(REVIEWER);
        expect(view.tally).toMatchObject({ runs: 1, successes: 1 });
        expect(meanOf(view.tally.quality)).toBe(0.9);
        expect(view).toMatchObject({ recent: [{ id: idOf(2) }], recentQuality: [0.9], failures: [] });
        expect((await runs.overview(REVIEWER, { success: false })).view.tally.runs).toBe(0);
        const { executions } = await runs.page(REVIEWER, { filter: {}, limit: 10 });
        expect(executions.map(({ id }) => id)).toEqual([idOf(2)]);
        expect(await findRun(runs, REVIEWER, idOf(1))).toBeUndefined();
      }
    });

    test("takes what has expired out of the log at a prune, and says how much is left", async ({ skip }) => {
      const { runs, clock, makeRun, retention } = setUp();
      if (retention === undefined) return skip("the store takes expired runs out by itself");
      for (let days = 0; days < 3; days += 1) {
        await appendRun(runs, REVIEWER, makeRun());
        clock.advanceDays(1);
      }
      clock.advanceDays(RETENTION_DAYS - 2);
      expect(await retention.prune(REVIEWER)).toEqual({ removed: 1, kept: 2 });
      expect(await retention.prune(REVIEWER)).toEqual({ removed: 0, kept: 2 });
    });

    test("takes out those runs of a day that have expired, and keeps the others", async ({ skip }) => {
      const { runs, clock, makeRun, retention } = setUp();
      if (retention === undefined) return skip("the store takes expired runs out by itself");
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(0.1);
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(RETENTION_DAYS - 0.05);
      expect(await retention.prune(REVIEWER)).toEqual({ removed: 1, kept: 1 });
    });

    test("counts again what had expired where the clock is set back within the day that it cuts through", async () => {
      const { runs, clock, makeRun } = setUp();
      for (let run = 0; run < 3; run += 1) {
        await appendRun(runs, REVIEWER, makeRun());
        clock.advanceDays(0.1);
      }
      clock.advanceDays(RETENTION_DAYS - 0.15);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(1);
      clock.advanceDays(-0.1);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(2);
    });

    test("keeps a run to the last millisecond of its time, and no longer", async () => {
      const { runs, clock, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(RETENTION_DAYS);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(1);
      clock.advanceDays(1 / DAY_MS);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(0);
    });

    test("never drops a run whose timestamp is missing or unreadable", async () => {
      const { runs, clock, makeRun, retention } = setUp();
      const { timestamp: _, ...undated } = makeRun().record;
      await appendRun(runs, REVIEWER, { record: undated, reported: undated });
      await appendRun(runs, REVIEWER, makeRun({ timestamp: "soon" }));
      clock.advanceDays(10 * 365);
      if (retention !== undefined) expect(await retention.prune(REVIEWER)).toEqual({ removed: 0, kept: 2 });
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(2);
    });

    test("follows the timestamp of a run, not its place in the log", async () => {
      const { runs, clock, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await appendRun(runs, REVIEWER, makeRun({ timestamp: formatInstant(clock.now() - 29 * DAY_MS) }));
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(2);
      const { executions } = await runs.page(REVIEWER, { filter: {}, limit: 10 });
      expect(executions.map(({ id }) => id)).toEqual([idOf(3), idOf(1)]);
      expect((await runs.overview(REVIEWER)).view.recent.map(({ id }) => id)).toEqual([idOf(1), idOf(3)]);
    });

    test("counts a run that is added to the day that retention cuts through, once it has been looked at", async () => {
      const { runs, clock, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(0.1);
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(2);
      // So much that a store may put off taking the first run out.
      for (let run = 0; run < 5; run += 1) await appendRun(runs, REVIEWER, makeRun({ notes: "n".repeat(40_000) }));
      clock.advanceDays(RETENTION_DAYS - 2.05);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(6);
      const sameDay = formatInstant(clock.now() - (RETENTION_DAYS - 0.01) * DAY_MS);
      await appendRun(runs, REVIEWER, makeRun({ timestamp: sameDay }));
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(7);
    });

    test("keeps everything where no number of days is set", async () => {
      const clock = clockAt();
      const { retention, runs } = newPlace().open({ now: clock.now, retentionDays: null });
      await appendRun(runs, REVIEWER, runMaker(clock)());
      clock.advanceDays(100_000);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(1);
      if (retention !== undefined) expect(await retention.prune(REVIEWER)).toEqual({ removed: 0, kept: 1 });
    });
  });
}
