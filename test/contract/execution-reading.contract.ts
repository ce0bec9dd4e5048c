import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { RunStore } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun, mergeVerifications, namesOf, previewRuns, scanRuns } from "../support/single-calls.ts";

/** The promises of the port to those who read, one test each, and what closing means. */
export function describeExecutionReading(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const openStore = () => place.open({ now: clock.now, retentionDays: 30 });
    const { ordering, retention, runs } = openStore();
    return { clock, place, open: () => openStore().runs, ordering, retention, runs, makeRun: runMaker(clock) };
  }

  /** Twelve runs, an hour apart: every third fails, and tasks take turns. */
  async function fillHistory({ runs, clock, makeRun }: ReturnType<typeof setUp>): Promise<void> {
    for (let ordinal = 1; ordinal <= 12; ordinal += 1) {
      const timestamp = formatInstant(clock.now() + (ordinal * DAY_MS) / 24);
      const task = ordinal % 2 === 0 ? "review" : "write";
      await appendRun(
        runs,
        REVIEWER,
        makeRun({ timestamp, task, version: "3", model: "m", success: ordinal % 3 !== 0 }),
      );
    }
  }

  describe(`${name}: reading`, () => {
    test("knows nothing of an agent that nobody has heard of, and does not make it up by being asked", async () => {
      const { retention, runs } = setUp();
      const unheard = agentNamed("nobody");
      expect(await runs.overview(unheard)).toMatchObject({ unreadable: 0, view: { tally: { runs: 0 }, recent: [] } });
      expect((await runs.overview(unheard, { success: true })).view.tally.runs).toBe(0);
      expect(await runs.page(unheard, { filter: {}, limit: 5 })).toEqual({
        executions: [],
        verifications: new Map(),
        nextCursor: undefined,
      });
      expect(await findRun(runs, unheard, idOf(1))).toBeUndefined();
      expect(await scanRuns(runs, unheard)).toEqual([]);
      if (retention !== undefined) expect(await retention.prune(unheard)).toEqual({ removed: 0, kept: 0 });
      expect(await namesOf(runs)).toEqual([]);
    });

    test("lists agents by name in code point order", async () => {
      const { runs, makeRun } = setUp();
      const names = ["b", "\ud842\udfb7", "a", "\uff5a", "B2", "é"];
      for (const agent of names) await appendRun(runs, agentNamed(agent), makeRun());
      expect(await namesOf(runs)).toEqual(["B2", "a", "b", "é", "\uff5a", "\ud842\udfb7"]);
    });

    test("gives the last runs oldest first in an overview", async () => {
      const bench = setUp();
      await fillHistory(bench);
      const { recent } = (await bench.runs.overview(REVIEWER)).view;
      expect(recent.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, index) => idOf(index + 1)));
    });

    test("counts days by the outcomes that count, without what has expired, and without runs that belong to none", async () => {
      const bench = setUp();
      const { clock, makeRun, runs } = bench;
      await fillHistory(bench);
      await appendRun(runs, REVIEWER, makeRun({ timestamp: "some day" }));
      const refuted = {
        execution_id: idOf(1),
        success: false,
        verified_by: "ci" as const,
        timestamp: formatInstant(clock.now()),
      };
      await runs.verify(REVIEWER, [refuted]);
      const day = Math.floor(clock.now() / DAY_MS);
      expect(await runs.days(REVIEWER)).toEqual([{ day, runs: 12, successes: 7, verified: 1 }]);
      // Thirty days and six hours on, six of them have expired, with the one that was refuted.
      clock.advanceDays(30.25);
      expect(await runs.days(REVIEWER)).toEqual([{ day, runs: 7, successes: 4, verified: 0 }]);
      clock.advanceDays(1);
      expect(await runs.days(REVIEWER)).toEqual([]);
      expect(await runs.days(agentNamed("unheard-of"))).toEqual([]);
    });

    test("sums up the runs since an instant as it sums up those that a filter picks", async () => {
      const bench = setUp();
      await fillHistory(bench);
      const { clock, makeRun, runs } = bench;
      const word = { success: false, verified_by: "ci" as const, timestamp: formatInstant(clock.now()) };
      await runs.verify(REVIEWER, [
        { ...word, execution_id: idOf(4) },
        { ...word, execution_id: idOf(10) },
      ]);
      const sinceAt = clock.now() + (5 * DAY_MS) / 24;
      const { verified, view } = await runs.overview(REVIEWER, { sinceAt });
      expect(view.tally).toMatchObject({ runs: 8, successes: 5 });
      expect(view.recent.map(({ id }) => id)).toEqual([5, 6, 7, 8, 9, 10, 11, 12].map(idOf));
      expect(view.failures).toHaveLength(3);
      expect(verified).toMatchObject({ verified: { runs: 1, successes: 0 }, claimedSuccesses: 1 });
      expect((await runs.overview(REVIEWER)).verified.verified.runs).toBe(2);
      await appendRun(runs, REVIEWER, makeRun({ timestamp: "some day" }));
      expect((await runs.overview(REVIEWER, { sinceAt })).view.tally.runs).toBe(8);
    });

    test("pages backwards through the log, whole and without overlap, whatever the size of the page", async () => {
      const bench = setUp();
      await fillHistory(bench);
      for (const limit of [1, 4, 5, 11, 12, 13]) {
        expect(await walkPages(bench.runs, limit)).toEqual(Array.from({ length: 12 }, (_, index) => idOf(12 - index)));
      }
    });

    test("sums up the runs between two instants, with the last of them and what was found of them", async () => {
      const bench = setUp();
      await fillHistory(bench);
      const { clock, makeRun, runs } = bench;
      const word = { success: false, verified_by: "ci" as const, timestamp: formatInstant(clock.now()) };
      for (const ordinal of [2, 4, 10]) await runs.verify(REVIEWER, [{ ...word, execution_id: idOf(ordinal) }]);
      const hours = (count: number) => clock.now() + (count * DAY_MS) / 24;
      const { verified, view } = await runs.overview(REVIEWER, { sinceAt: hours(3), untilAt: hours(9) });
      expect(view.tally).toMatchObject({ runs: 6, successes: 4 });
      expect(view.recent.map(({ id, ordinal }) => [id, ordinal])).toEqual(
        [3, 4, 5, 6, 7, 8].map((ordinal, index) => [idOf(ordinal), index + 1]),
      );
      expect(view.failures.map(({ ordinal }) => ordinal)).toEqual([1, 4]);
      expect(verified).toMatchObject({ verified: { runs: 1, successes: 0 }, claimedSuccesses: 1 });
      expect(verified.outcomes.get(idOf(4))).toBe(false);
      expect((await runs.overview(REVIEWER, { untilAt: hours(3) })).verified.verified.runs).toBe(1);
      expect((await runs.overview(REVIEWER, { untilAt: hours(1) })).view.tally.runs).toBe(0);
      expect((await runs.overview(REVIEWER, { sinceAt: hours(9), untilAt: hours(3) })).view.tally.runs).toBe(0);
      await appendRun(runs, REVIEWER, makeRun({ timestamp: "some day" }));
      expect((await runs.overview(REVIEWER, { untilAt: hours(3) })).view.tally.runs).toBe(2);
    });

    test("looks at no more runs than a budget says, and goes on from there", async () => {
      const bench = setUp();
      await fillHistory(bench);
      const nothing = { filter: { task: "none" }, limit: 5, budget: 5 };
      const first = await bench.runs.page(REVIEWER, nothing);
      expect(first).toMatchObject({ executions: [], searched: 5 });
      const second = await bench.runs.page(REVIEWER, { ...nothing, cursor: first.nextCursor });
      const third = await bench.runs.page(REVIEWER, { ...nothing, cursor: second.nextCursor });
      expect(third).toMatchObject({ executions: [], searched: 2, nextCursor: undefined });
      const failures: (string | undefined)[] = [];
      let cursor: string | undefined;
      do {
        const page = await bench.runs.page(REVIEWER, { filter: { success: false }, limit: 2, budget: 4, cursor });
        failures.push(...page.executions.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(failures).toEqual([12, 9, 6, 3].map(idOf));
    });

    test("ends a search with the reason of its signal", async () => {
      const bench = setUp();
      await fillHistory(bench);
      const gone = new Error("the reader has gone");
      const search = bench.runs.page(REVIEWER, { filter: { task: "none" }, limit: 5, signal: AbortSignal.abort(gone) });
      await expect(search).rejects.toThrow("the reader has gone");
    });

    test("offers no further page after the last run", async () => {
      const bench = setUp();
      await fillHistory(bench);
      const whole = await bench.runs.page(REVIEWER, { filter: {}, limit: 12 });
      expect(whole.nextCursor).toBeUndefined();
      const failures = await bench.runs.page(REVIEWER, { filter: { success: false }, limit: 4 });
      expect(failures).toMatchObject({ executions: { length: 4 }, nextCursor: undefined });
    });

    test.each([
      ["success", { success: false }, [3, 6, 9, 12]],
      ["task", { task: "review" }, [2, 4, 6, 8, 10, 12]],
      ["task and success", { task: "review", success: false }, [6, 12]],
      ["model and version", { model: "m", version: "3", success: false }, [3, 6, 9, 12]],
      ["a model that nobody used", { model: "n" }, []],
      ["an instant from which on", { sinceAt: clockAt().now() + (10 * DAY_MS) / 24 }, [10, 11, 12]],
      ["an instant before which", { untilAt: clockAt().now() + (3 * DAY_MS) / 24 }, [1, 2]],
    ])("picks runs by %s", async (_, filter, ordinals) => {
      const bench = setUp();
      await fillHistory(bench);
      const expected = ordinals.map(idOf);
      const { view } = await bench.runs.overview(REVIEWER, filter);
      expect(view.tally.runs).toBe(expected.length);
      expect(view.recent.map(({ id }) => id)).toEqual(expected);
      expect((await walkPages(bench.runs, 2, filter)).reverse()).toEqual(expected);
    });

    test("finds a run by its id, and none by another text", async () => {
      const bench = setUp();
      await fillHistory(bench);
      expect(await findRun(bench.runs, REVIEWER, idOf(7))).toMatchObject({ id: idOf(7), record: { task: "write" } });
      for (const id of [idOf(13), "", "run_", "key:k", "../reviewer"]) {
        expect(await findRun(bench.runs, REVIEWER, id)).toBeUndefined();
      }
    });

    test("shows to a store opened later whatever an earlier one acknowledged, keys included", async () => {
      const bench = setUp();
      if (!bench.place.durable) return;
      await fillHistory(bench);
      await appendRun(bench.runs, REVIEWER, bench.makeRun({ idempotency_key: "k" }));
      await bench.runs.close();
      const later = bench.open();
      expect((await later.overview(REVIEWER)).view.tally).toMatchObject({ runs: 13, successes: 9 });
      const again = await appendRun(later, REVIEWER, bench.makeRun({ idempotency_key: "k" }));
      expect(again).toMatchObject({ duplicate: true, execution: { id: idOf(13) } });
    });

    test("shows to a second store beside it what was acknowledged a moment ago", async () => {
      const bench = setUp();
      if (!bench.place.durable) return;
      const beside = bench.open();
      for (let round = 1; round <= 5; round += 1) {
        await appendRun(bench.runs, REVIEWER, bench.makeRun());
        expect((await beside.overview(REVIEWER)).view.tally.runs).toBe(2 * round - 1);
        await appendRun(beside, REVIEWER, bench.makeRun());
        expect((await bench.runs.overview(REVIEWER)).view.tally.runs).toBe(2 * round);
      }
    });
  });

  describe(`${name}: closing`, () => {
    test("makes every later call fail with CLOSED, and is harmless when repeated", async () => {
      const { runs, makeRun, ordering, retention } = setUp();
      await runs.close();
      await runs.close();
      const calls = [
        appendRun(runs, REVIEWER, makeRun()),
        runs.overview(REVIEWER),
        runs.overview(REVIEWER, {}),
        runs.page(REVIEWER, { filter: {}, limit: 1 }),
        scanRuns(runs, REVIEWER),
        previewRuns(runs, REVIEWER, []),
        mergeVerifications(runs, REVIEWER, []),
        mergeVerifications(runs, REVIEWER, [], { dryRun: true }),
        runs.existingKeys(REVIEWER, ["k"]),
        runs.changeToken(),
        namesOf(runs),
        ...(retention === undefined ? [] : [retention.prune(REVIEWER)]),
        ...(ordering === undefined ? [] : [ordering.sortByTime(REVIEWER)]),
      ];
      expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "CLOSED"));
    });

    test("waits for the calls under way, and loses none of them", async () => {
      const { runs, open, place, makeRun } = setUp();
      const calls = Array.from({ length: 10 }, () => appendRun(runs, REVIEWER, makeRun()));
      await runs.close();
      expect(await Promise.all(calls)).toHaveLength(10);
      if (place.durable) expect((await open().overview(REVIEWER)).view.tally.runs).toBe(10);
    });
  });
}

async function walkPages(runs: RunStore, limit: number, filter = {}): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  let cursor: string | undefined;
  do {
    const page = await runs.page(REVIEWER, { filter, limit, cursor });
    expect(page.executions.length).toBeLessThanOrEqual(limit);
    ids.push(...page.executions.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}
