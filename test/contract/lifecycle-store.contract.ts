import { describe, expect, test } from "vitest";
import type { NewLifecycleEvent } from "../../src/domain/coverage/lifecycle-event.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;
const writer = agentNamed("writer");

/** The promises about what hooks saw, one test each. */
export function describeLifecycleStore(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = () => place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    const store = open();
    const seen = (
      key: string,
      event: NewLifecycleEvent["event"],
      more: Partial<NewLifecycleEvent> = {},
    ): NewLifecycleEvent => ({
      key,
      event,
      timestamp: formatInstant(clock.now()),
      ...more,
    });
    const counts = async (lifecycle = store.lifecycle) => {
      const seen = (await lifecycle.overview(REVIEWER))?.seen;
      if (seen === undefined) return undefined;
      const { assigned: _, ...numbers } = seen;
      return numbers;
    };
    return { clock, place, open, store, lifecycle: store.lifecycle, seen, counts };
  }

  describe(`${name}: what hooks saw of runs`, () => {
    test("is nothing at first, which is not the same as none", async () => {
      const { lifecycle } = setUp();
      expect(await lifecycle.overview(REVIEWER)).toBeUndefined();
      expect(await lifecycle.find(REVIEWER, "a1")).toBeUndefined();
      expect(await namesOf(lifecycle)).toEqual([]);
    });

    test("is on which side of a trial a run was put first, until the run expires", async () => {
      const { clock, open, lifecycle, seen, place } = setUp();
      const other = place.durable ? open().lifecycle : lifecycle;
      const first = await lifecycle.observe(REVIEWER, seen("a1", "started", { assigned: { "rec_a#1": true } }));
      expect(first.assigned).toEqual({ "rec_a#1": true });
      const again = seen("a1", "started", { assigned: { "rec_a#1": false, "rec_b#1": false } });
      expect((await other.observe(REVIEWER, again)).assigned).toEqual({ "rec_a#1": true, "rec_b#1": false });
      await lifecycle.observe(REVIEWER, seen("a1", "ended"));
      await lifecycle.observe(REVIEWER, seen("a2", "started"));
      for (const one of [lifecycle, other]) {
        const overview = await one.overview(REVIEWER);
        expect([...(overview?.seen.assigned ?? [])]).toEqual([["a1", { "rec_a#1": true, "rec_b#1": false }]]);
      }
      clock.advanceDays(RETENTION_DAYS + 2);
      expect((await lifecycle.overview(REVIEWER))?.seen.assigned.size).toBe(0);
    });

    test("is counted by run, however often and by whomever each is seen", async () => {
      const { open, lifecycle, seen, counts, place } = setUp();
      const other = place.durable ? open().lifecycle : lifecycle;
      await lifecycle.observe(REVIEWER, seen("a1", "started"));
      await other.observe(REVIEWER, seen("a1", "started"));
      await lifecycle.observe(REVIEWER, seen("a2", "started"));
      await other.observe(REVIEWER, seen("a1", "ended", { duration_s: 12.5 }));
      await lifecycle.observe(REVIEWER, seen("a1", "ended"));
      await other.observe(REVIEWER, seen("a1", "started"));
      for (const store of [lifecycle, other]) {
        expect(await counts(store)).toEqual({ started: 2, ended: 1, reported: 0, unreported: ["a1", "a2"] });
      }
    });

    test("includes a run of which only the end was seen", async () => {
      const { lifecycle, seen, counts } = setUp();
      await lifecycle.observe(REVIEWER, seen("a1", "ended"));
      await lifecycle.observe(REVIEWER, seen("a1", "started"));
      expect(await counts()).toEqual({ started: 1, ended: 1, reported: 0, unreported: ["a1"] });
    });

    test("says of each run what is known of it, and takes nothing back", async () => {
      const { clock, lifecycle, seen, counts } = setUp();
      const firstSeenAt = clock.now();
      const started = { firstSeenAt, ended: false, reported: false };
      expect(await lifecycle.observe(REVIEWER, seen("a1", "started"))).toEqual(started);
      clock.advanceDays(1 / 24);
      const ended = await lifecycle.observe(REVIEWER, seen("a1", "ended", { reported: true }));
      expect(ended).toEqual({ firstSeenAt, ended: true, reported: true });
      expect(await lifecycle.observe(REVIEWER, seen("a1", "started"))).toEqual(ended);
      expect(await lifecycle.find(REVIEWER, "a1")).toEqual(ended);
      expect(await counts()).toEqual({ started: 1, ended: 1, reported: 1, unreported: [] });
    });

    test("counts every one of many that arrive at the same moment, once", async () => {
      const { lifecycle, seen, counts } = setUp();
      const keys = Array.from({ length: 20 }, (_, index) => `a${index % 10}`);
      await Promise.all(
        keys.flatMap((key) => [
          lifecycle.observe(REVIEWER, seen(key, "started")),
          lifecycle.observe(REVIEWER, seen(key, "ended")),
        ]),
      );
      expect(await counts()).toMatchObject({ started: 10, ended: 10 });
    });

    test("belongs to one agent, and makes no run of it", async () => {
      const { store, lifecycle, seen, counts } = setUp();
      await lifecycle.observe(writer, seen("a1", "started"));
      expect(await counts()).toBeUndefined();
      expect(await lifecycle.find(REVIEWER, "a1")).toBeUndefined();
      expect(await namesOf(lifecycle)).toEqual([writer]);
      expect(await namesOf(store.runs)).toEqual([]);
      expect((await store.runs.overview(writer)).view.tally.runs).toBe(0);
      await appendRun(store.runs, REVIEWER, runMaker(clockAt())());
      expect(await namesOf(lifecycle)).toEqual([writer]);
    });

    test("is refused under a name that differs only in case from an agent's that is there", async () => {
      const { clock, store, lifecycle, seen } = setUp();
      await appendRun(store.runs, REVIEWER, runMaker(clock)());
      expect(await codeOf(lifecycle.observe(agentNamed("Reviewer"), seen("a1", "started")))).toBe("INVALID_AGENT");
      await lifecycle.observe(writer, seen("a1", "started"));
      expect(await codeOf(appendRun(store.runs, agentNamed("Writer"), runMaker(clock)()))).toBe("INVALID_AGENT");
    });

    test("is live to the end of the day on which each run was first seen, by the length of the retention", async () => {
      const { clock, open, place, lifecycle, seen, counts } = setUp();
      // 10:00 on the first day, 04:00 on the next.
      await lifecycle.observe(REVIEWER, seen("early", "started"));
      clock.advanceDays(18 / 24);
      await lifecycle.observe(REVIEWER, seen("late", "started"));
      await lifecycle.observe(REVIEWER, seen("early", "ended", { reported: true }));
      const all = { started: 2, ended: 1, reported: 1, unreported: ["late"] };
      // The last moment of the first day plus thirty days, and the one after.
      const endOfFirstDay = Date.UTC(2026, 10, 23) - 1;
      clock.advanceDays((endOfFirstDay - clock.now()) / DAY_MS + RETENTION_DAYS);
      const stores = place.durable ? [lifecycle, open().lifecycle] : [lifecycle];
      for (const store of stores) expect(await counts(store)).toEqual(all);
      clock.advanceDays(1 / DAY_MS);
      const left = { started: 1, ended: 0, reported: 0, unreported: ["late"] };
      for (const store of stores) expect(await counts(store)).toEqual(left);
      await lifecycle.observe(REVIEWER, seen("new", "started"));
      for (const store of stores)
        expect(await counts(store)).toMatchObject({ started: 2, unreported: ["late", "new"] });
      clock.advanceDays(RETENTION_DAYS + 1);
      for (const store of stores) expect(await counts(store)).toMatchObject({ started: 0, unreported: [] });
      expect(await namesOf(lifecycle)).toEqual([REVIEWER]);
      expect(await lifecycle.find(REVIEWER, "new")).toBeUndefined();
      const again = await lifecycle.observe(REVIEWER, seen("new", "ended"));
      expect(again).toEqual({ firstSeenAt: clock.now(), ended: true, reported: false });
      for (const store of stores) expect(await counts(store)).toMatchObject({ started: 1, ended: 1 });
    });

    test("is there for a store opened later", async () => {
      const { place, open, lifecycle, seen, counts } = setUp();
      if (!place.durable) return;
      await lifecycle.observe(REVIEWER, seen("a1", "started", { agent_type: "my-plugin:reviewer" }));
      const later = open().lifecycle;
      expect(await counts(later)).toMatchObject({ started: 1 });
      expect(await later.find(REVIEWER, "a1")).toEqual(await lifecycle.find(REVIEWER, "a1"));
    });

    test("is no more to be asked for, nor added to, once the store was closed", async () => {
      const { lifecycle, seen } = setUp();
      await lifecycle.close();
      await lifecycle.close();
      expect(await codeOf(lifecycle.observe(REVIEWER, seen("a1", "started")))).toBe("CLOSED");
      expect(await codeOf(lifecycle.overview(REVIEWER))).toBe("CLOSED");
      expect(await codeOf(namesOf(lifecycle))).toBe("CLOSED");
    });

    test("changes the stamp with everything new, and at no other time, and never that of the runs", async () => {
      const { store, lifecycle, seen } = setUp();
      const stamps = async () => [await lifecycle.changeToken(), await lifecycle.changeToken(REVIEWER)];
      const before = await stamps();
      const ofRuns = await store.runs.changeToken(REVIEWER);
      await lifecycle.observe(REVIEWER, seen("a1", "started"));
      const after = await stamps();
      expect(after.filter((stamp, index) => stamp === before[index])).toEqual([]);
      await lifecycle.observe(REVIEWER, seen("a1", "started"));
      await lifecycle.overview(REVIEWER);
      expect(await stamps()).toEqual(after);
      await lifecycle.observe(REVIEWER, seen("a1", "ended"));
      expect((await stamps()).filter((stamp, index) => stamp === after[index])).toEqual([]);
      expect(await store.runs.changeToken(REVIEWER)).toBe(ofRuns);
    });
  });

  describe(`${name}: the keys that are used`, () => {
    test("are those of live runs of the agent", async () => {
      const { clock, store } = setUp();
      const runs = store.runs;
      const makeRun = runMaker(clock);
      expect(await runs.existingKeys(REVIEWER, ["a"])).toEqual(new Set());
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "a" }));
      await appendRun(runs, REVIEWER, makeRun());
      await appendRun(runs, writer, makeRun({ idempotency_key: "b" }));
      expect(await runs.existingKeys(REVIEWER, ["a", "b", "", "a"])).toEqual(new Set(["a"]));
      expect(await runs.existingKeys(REVIEWER, [])).toEqual(new Set());
      clock.advanceDays(RETENTION_DAYS + 1);
      expect(await runs.existingKeys(REVIEWER, ["a"])).toEqual(new Set());
    });
  });
}
