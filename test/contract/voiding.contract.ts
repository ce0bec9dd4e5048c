import { test as anyTest, describe, expect } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { NewVerification, NewVoiding, Store } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun, scanRuns, verifyRun } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;

/** The promises about voided runs, if an engine can void. */
export function describeVoiding(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = (): Store => place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    const store = open();
    const { voiding } = store;
    if (voiding === undefined) throw new Error("an engine that cannot void is held to none of this");
    const timestamp = () => formatInstant(clock.now());
    const voidOf = (ordinal: number, more: Partial<NewVoiding> = {}): NewVoiding => {
      return { id: idOf(ordinal), by: "human", reason: "a typo", timestamp: timestamp(), ...more };
    };
    const verificationOf = (ordinal: number, success: boolean): NewVerification => {
      return { execution_id: idOf(ordinal), success, verified_by: "ci", timestamp: timestamp() };
    };
    /** Everything that is said of the agent. */
    const all = async () => ({
      overview: await store.runs.overview(REVIEWER),
      runs: await scanRuns(store.runs, REVIEWER),
      page: await store.runs.page(REVIEWER, { filter: {}, limit: 10 }),
      keys: await store.runs.existingKeys(REVIEWER, ["a", "b"]),
      seen: await store.lifecycle.overview(REVIEWER),
      known: await store.evidence.overview(REVIEWER),
    });
    return { ...store, voiding, all, clock, place, open, makeRun: runMaker(clock), voidOf, verificationOf };
  }

  function test(promise: string, holds: () => Promise<void>): void {
    anyTest(promise, ({ skip }) => {
      const store = newPlace().open({ now: clockAt().now, retentionDays: RETENTION_DAYS });
      return store.voiding === undefined ? skip("the store cannot take a run back") : holds();
    });
  }

  /** Three runs, the second of which was seen, checked, and is known by its key. */
  async function withThreeRuns() {
    const given = setUp();
    const { clock, evidence, lifecycle, makeRun, runs, verificationOf } = given;
    const timestamp = formatInstant(clock.now());
    await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "a" }));
    await lifecycle.observe(REVIEWER, { key: "a", event: "started", timestamp });
    await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "b", success: false, notes: "wrong" }));
    await lifecycle.observe(REVIEWER, { key: "b", event: "started", timestamp });
    await lifecycle.observe(REVIEWER, { key: "b", event: "reported", timestamp });
    await evidence.note(REVIEWER, { key: "b", timestamp, tools: 3 });
    await appendRun(runs, REVIEWER, makeRun());
    await verifyRun(runs, REVIEWER, verificationOf(1, true));
    await verifyRun(runs, REVIEWER, verificationOf(2, true));
    return given;
  }

  describe(`${name}: voiding a run`, () => {
    test("takes it out of every answer, with what is known of it, and undoing puts all back", async () => {
      const { all, runs, voiding, voidOf } = await withThreeRuns();
      const before = await all();
      const token = await runs.changeToken(REVIEWER);
      const voided = await voiding.voidRun(REVIEWER, voidOf(2, { via: "cli", unproven: true }));
      expect(voided).toMatchObject({ agent: REVIEWER, ...voidOf(2, { via: "cli", unproven: true }) });
      expect(voided.execution.record).toMatchObject({ notes: "wrong" });
      expect(voided.verifications).toMatchObject([{ verified_by: "ci", success: true }]);
      expect(await runs.changeToken(REVIEWER)).not.toBe(token);
      const now = await all();
      expect(now.runs.map(({ execution }) => execution.id)).toEqual([idOf(1), idOf(3)]);
      expect(now.overview.view.tally).toMatchObject({ runs: 2, successes: 2 });
      expect(now.overview.verified.verified).toEqual({ runs: 1, successes: 1 });
      expect(now.page.executions.map(({ id }) => id)).toEqual([idOf(3), idOf(1)]);
      expect([...now.keys]).toEqual(["a"]);
      expect(now.seen?.seen).toMatchObject({ started: 1, reported: 0 });
      expect(now.known?.seen.totals.runs).toBe(0);
      expect(await voiding.voidedRuns(REVIEWER)).toEqual([voided]);
      expect(await voiding.undo(REVIEWER, idOf(2))).toEqual(voided);
      expect(await all()).toEqual(before);
      expect(await voiding.voidedRuns(REVIEWER)).toEqual([]);
    });

    test("fails with NOT_FOUND for what is not there, and a dry run changes nothing", async () => {
      const { all, voiding, voidOf } = await withThreeRuns();
      const before = await all();
      expect(await codeOf(voiding.voidRun(REVIEWER, voidOf(9)))).toBe("NOT_FOUND");
      expect(await codeOf(voiding.voidRun(agentNamed("writer"), voidOf(1)))).toBe("NOT_FOUND");
      expect(await codeOf(voiding.undo(REVIEWER, idOf(1)))).toBe("NOT_FOUND");
      expect(await codeOf(voiding.undo(agentNamed("writer"), idOf(1)))).toBe("NOT_FOUND");
      expect((await voiding.voidRun(REVIEWER, voidOf(1), { dryRun: true })).id).toBe(idOf(1));
      expect(await all()).toEqual(before);
      await voiding.voidRun(REVIEWER, voidOf(1));
      expect(await codeOf(voiding.voidRun(REVIEWER, voidOf(1)))).toBe("NOT_FOUND");
      expect((await voiding.undo(REVIEWER, idOf(1), { dryRun: true })).id).toBe(idOf(1));
      expect((await all()).overview.view.tally.runs).toBe(2);
      expect(await voiding.voidedRuns(agentNamed("writer"))).toEqual([]);
    });

    test("frees its key for a corrected report, beside which it does not come back", async () => {
      const { all, makeRun, runs, voiding, voidOf } = await withThreeRuns();
      await voiding.voidRun(REVIEWER, voidOf(2));
      const { duplicate } = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "b", notes: "right" }));
      expect(duplicate).toBe(false);
      const before = await all();
      expect(await codeOf(voiding.undo(REVIEWER, idOf(2)))).toBe("KEY_CONFLICT");
      expect(await all()).toEqual(before);
      await voiding.voidRun(REVIEWER, voidOf(4));
      await voiding.undo(REVIEWER, idOf(2));
      expect((await findRun(runs, REVIEWER, idOf(2)))?.record).toMatchObject({ notes: "wrong" });
      expect((await voiding.voidedRuns(REVIEWER)).map(({ id }) => id)).toEqual([idOf(4)]);
    });

    test("is undone to its place in time, whatever came since", async () => {
      const { clock, makeRun, runs, voiding, voidOf } = setUp();
      for (let day = 0; day < 4; day += 1) {
        await appendRun(runs, REVIEWER, makeRun());
        clock.advanceDays(1);
      }
      for (const ordinal of [1, 2, 4]) await voiding.voidRun(REVIEWER, voidOf(ordinal));
      await appendRun(runs, REVIEWER, makeRun());
      for (const ordinal of [1, 4, 2]) await voiding.undo(REVIEWER, idOf(ordinal));
      expect((await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id)).toEqual([1, 2, 3, 4, 5].map(idOf));
    });

    test("leaves an agent with its last run gone, and takes reports again", async () => {
      const { all, makeRun, runs, voiding, voidOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await voiding.voidRun(REVIEWER, voidOf(1));
      expect((await all()).overview.view.tally.runs).toBe(0);
      await voiding.undo(REVIEWER, idOf(1));
      await appendRun(runs, REVIEWER, makeRun());
      expect((await all()).overview.view.tally.runs).toBe(2);
    });

    test("holds until the run expires, which then is gone for good", async () => {
      const { clock, makeRun, retention, runs, voiding, voidOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await voiding.voidRun(REVIEWER, voidOf(1));
      clock.advanceDays(RETENTION_DAYS);
      expect(await voiding.voidedRuns(REVIEWER)).toHaveLength(1);
      clock.advanceDays(1);
      expect(await voiding.voidedRuns(REVIEWER)).toEqual([]);
      expect(await codeOf(voiding.undo(REVIEWER, idOf(1)))).toBe("NOT_FOUND");
      await retention?.prune(REVIEWER);
      expect(await voiding.voidedRuns(REVIEWER)).toEqual([]);
    });

    test("is seen by a store opened later, and by one that was open all the time", async () => {
      const { open, place, runs, voiding, voidOf } = await withThreeRuns();
      if (!place.durable) return;
      const other = open();
      expect((await other.runs.overview(REVIEWER)).view.tally.runs).toBe(3);
      await voiding.voidRun(REVIEWER, voidOf(2));
      expect((await other.runs.overview(REVIEWER)).verified.verified.runs).toBe(1);
      await other.voiding?.undo(REVIEWER, idOf(2));
      expect((await runs.overview(REVIEWER)).verified.verified.runs).toBe(2);
      expect((await open().runs.overview(REVIEWER)).view.tally.runs).toBe(3);
    });
  });
}
