import { describe, expect, test } from "vitest";
import type { NewEvidence } from "../../src/domain/evidence/evidence.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { countsOf } from "../support/evidence.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;
const writer = agentNamed("writer");

/** The promises about what is known of runs beyond their claims, one test each. */
export function describeEvidenceStore(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = () => place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    const store = open();
    const { evidence } = store;
    const found = (key: string, facts: Omit<NewEvidence, "key" | "timestamp"> = {}): NewEvidence => ({
      key,
      timestamp: formatInstant(clock.now()),
      ...facts,
    });
    /** The store, and one that was opened beside it if there are several. */
    const both = () => (place.durable ? [evidence, open().evidence] : [evidence]);
    const counts = async (of = evidence) => countsOf(await of.overview(REVIEWER));
    return { clock, place, open, store, evidence, found, both, counts };
  }

  describe(`${name}: what is known of runs beyond their claims`, () => {
    test("is nothing at first, which is not the same as none", async () => {
      const { evidence } = setUp();
      expect(await evidence.overview(REVIEWER)).toBeUndefined();
      expect(await evidence.find(REVIEWER, "a1")).toBeUndefined();
      expect(await namesOf(evidence)).toEqual([]);
    });

    test("is every fact that was noted of a run, the later one in the place of the earlier", async () => {
      const { both, clock, evidence, found } = setUp();
      const firstSeenAt = clock.now();
      const began = await evidence.note(REVIEWER, found("a1", { model: "m-1", tree_start: "a".repeat(40) }));
      expect(began).toEqual({
        firstSeenAt,
        endedAt: undefined,
        facts: { model: "m-1", tree_start: "a".repeat(40) },
      });
      clock.advanceDays(1 / 24);
      const ended = formatInstant(clock.now());
      const facts = {
        seen: "red",
        tools: 5,
        tests: { runner: "vitest", runs: 2, passed: 3, failed: 1, how: "summary" },
      } as const;
      await evidence.note(REVIEWER, found("a1", { ended, ...facts }));
      clock.advanceDays(1 / 24);
      const last = await evidence.note(REVIEWER, found("a1", { seen: "green", tests: undefined, shared: true }));
      const known = { model: "m-1", tree_start: "a".repeat(40), ...facts, seen: "green", shared: true };
      expect(last).toEqual({ firstSeenAt, endedAt: Date.parse(ended), facts: known });
      for (const store of both()) expect(await store.find(REVIEWER, "a1")).toEqual(last);
    });

    test("is summed up over runs, each counted once by what is known of it now", async () => {
      const { both, counts, evidence, found } = setUp();
      const ended = "2026-11-22T10:00:00Z";
      const tokens = { input: 10, output: 20, cache_read: 300, cache_write: 40 };
      const facts = {
        ended,
        seen: "stale",
        cost_usd: 0.1,
        duration_s: 12.5,
        tokens,
        tools: 7,
        tool_errors: 2,
        denied: 1,
      } as const;
      await evidence.note(REVIEWER, found("a1", facts));
      await evidence.note(REVIEWER, found("a2", { ended, cost_usd: null, seen: "no_edit", flags: ["tampered"] }));
      await evidence.note(REVIEWER, found("a3", { cost_usd: 0.2 }));
      const all = {
        runs: 3,
        ended: 2,
        unpriced: 1,
        stale: 1,
        no_edit: 1,
        tampered: 1,
        cost_usd: [2, 0.3],
        duration_s: [1, 12.5],
        input_tokens: [1, 10],
        output_tokens: [1, 20],
        cache_read_tokens: [1, 300],
        cache_write_tokens: [1, 40],
        tools: [1, 7],
        tool_errors: [1, 2],
        denied: [1, 1],
      };
      // In doubles 0.1 + 0.2 is more than that.
      const close = { ...all, cost_usd: [2, expect.closeTo(0.3, 12)] };
      for (const store of both()) expect(await counts(store)).toEqual(close);
      const changed = { seen: "green", cost_usd: 0.25, tokens: { ...tokens, output: 21 }, flags: [] as [] } as const;
      await evidence.note(REVIEWER, found("a1", changed));
      await evidence.note(REVIEWER, found("a2", { cost_usd: 0.5, flags: [] }));
      await evidence.note(REVIEWER, found("a3", { cost_usd: 0.125 }));
      const { stale: _, unpriced: __, tampered: ___, ...kept } = all;
      const now = { ...kept, green: 1, cost_usd: [3, 0.875], output_tokens: [1, 21] };
      for (const store of both()) expect(await counts(store)).toEqual(now);
    });

    test("leaves no trace in a sum of what was taken out of it", async () => {
      const { both, counts, evidence, found } = setUp();
      for (const key of ["a1", "a2", "a3"]) await evidence.note(REVIEWER, found(key, { cost_usd: 0.1 }));
      await evidence.note(REVIEWER, found("a4", { cost_usd: 1e12 }));
      for (const key of ["a1", "a2", "a3", "a4"]) await evidence.note(REVIEWER, found(key, { cost_usd: 0 }));
      for (const store of both()) expect(await counts(store)).toMatchObject({ cost_usd: [4, 0] });
    });

    test("is the last runs one by one", async () => {
      const { both, clock, evidence, found } = setUp();
      await evidence.note(REVIEWER, found("a1", { checkout: "0123456789ab" }));
      clock.advanceDays(1 / 24);
      await evidence.note(REVIEWER, found("a2"));
      const runs = [
        ["a1", { firstSeenAt: Date.UTC(2026, 10, 22, 10), endedAt: undefined, facts: { checkout: "0123456789ab" } }],
        ["a2", { firstSeenAt: Date.UTC(2026, 10, 22, 11), endedAt: undefined, facts: {} }],
      ];
      for (const store of both()) expect([...((await store.overview(REVIEWER))?.seen.recent ?? [])]).toEqual(runs);
    });

    test("says when a run was first seen, if that is known, and never changes that", async () => {
      const { clock, evidence, found, both } = setUp();
      const before = "2026-11-21T23:59:59.900Z";
      const firstSeenAt = Date.UTC(2026, 10, 21, 23, 59, 59);
      expect((await evidence.note(REVIEWER, found("a1", { first_seen: before }))).firstSeenAt).toBe(firstSeenAt);
      clock.advanceDays(1);
      const again = found("a1", { tools: 1, first_seen: formatInstant(clock.now()) });
      expect((await evidence.note(REVIEWER, again)).firstSeenAt).toBe(firstSeenAt);
      for (const store of both()) expect((await store.find(REVIEWER, "a1"))?.firstSeenAt).toBe(firstSeenAt);
    });

    test("counts every one of many that arrive at the same moment, once", async () => {
      const { counts, evidence, found } = setUp();
      const keys = Array.from({ length: 20 }, (_, index) => `a${index % 10}`);
      await Promise.all(
        keys.flatMap((key) => [
          evidence.note(REVIEWER, found(key, { tools: 2 })),
          evidence.note(REVIEWER, found(key, { ended: "2026-11-22T10:00:00Z" })),
        ]),
      );
      expect(await counts()).toEqual({ runs: 10, ended: 10, tools: [10, 20] });
    });

    test("belongs to one agent, and makes no run of it", async () => {
      const { counts, evidence, found, store } = setUp();
      await evidence.note(writer, found("a1"));
      expect(await counts()).toBeUndefined();
      expect(await evidence.find(REVIEWER, "a1")).toBeUndefined();
      expect(await namesOf(evidence)).toEqual([writer]);
      expect(await namesOf(store.runs)).toEqual([]);
      expect(await namesOf(store.lifecycle)).toEqual([]);
      expect((await store.runs.overview(writer)).view.tally.runs).toBe(0);
      await appendRun(store.runs, REVIEWER, runMaker(clockAt())());
      expect(await namesOf(evidence)).toEqual([writer]);
    });

    test("is refused under a name that differs only in case from an agent's that is there", async () => {
      const { clock, evidence, found, store } = setUp();
      await appendRun(store.runs, REVIEWER, runMaker(clock)());
      expect(await codeOf(evidence.note(agentNamed("Reviewer"), found("a1")))).toBe("INVALID_AGENT");
      await evidence.note(writer, found("a1"));
      expect(await codeOf(appendRun(store.runs, agentNamed("Writer"), runMaker(clock)()))).toBe("INVALID_AGENT");
    });

    test("is live to the end of the day on which each run was first seen, by the length of the retention", async () => {
      const { both, clock, counts, evidence, found } = setUp();
      // 10:00 on the first day, 04:00 on the next.
      await evidence.note(REVIEWER, found("early", { cost_usd: 1 }));
      clock.advanceDays(18 / 24);
      await evidence.note(REVIEWER, found("late", { cost_usd: 2 }));
      await evidence.note(REVIEWER, found("early", { cost_usd: 4 }));
      // The last moment of the first day plus thirty days, and the one after.
      const endOfFirstDay = Date.UTC(2026, 10, 23) - 1;
      clock.advanceDays((endOfFirstDay - clock.now()) / DAY_MS + RETENTION_DAYS);
      const stores = both();
      for (const store of stores) expect(await counts(store)).toEqual({ runs: 2, ended: 0, cost_usd: [2, 6] });
      clock.advanceDays(1 / DAY_MS);
      for (const store of stores) {
        expect(await counts(store)).toEqual({ runs: 1, ended: 0, cost_usd: [1, 2] });
        expect([...((await store.overview(REVIEWER))?.seen.recent.keys() ?? [])]).toEqual(["late"]);
        expect(await store.find(REVIEWER, "early")).toBeUndefined();
      }
      const again = await evidence.note(REVIEWER, found("early", { tools: 1 }));
      expect(again).toEqual({ firstSeenAt: Date.UTC(2026, 11, 23), endedAt: undefined, facts: { tools: 1 } });
      for (const store of stores) {
        expect(await counts(store)).toEqual({ runs: 2, ended: 0, cost_usd: [1, 2], tools: [1, 1] });
      }
    });

    test("is not kept of a run that has expired already", async () => {
      const { both, counts, evidence, found } = setUp();
      await evidence.note(REVIEWER, found("a1"));
      const token = await evidence.changeToken();
      await evidence.note(REVIEWER, found("old", { first_seen: "2026-01-01T10:00:00Z" }));
      expect(await evidence.changeToken()).toBe(token);
      for (const store of both()) {
        expect(await counts(store)).toEqual({ runs: 1, ended: 0 });
        expect(await store.find(REVIEWER, "old")).toBeUndefined();
      }
    });

    test("is no more to be asked for, nor added to, once the store was closed", async () => {
      const { evidence, found } = setUp();
      await evidence.close();
      await evidence.close();
      expect(await codeOf(evidence.note(REVIEWER, found("a1")))).toBe("CLOSED");
      expect(await codeOf(evidence.overview(REVIEWER))).toBe("CLOSED");
      expect(await codeOf(evidence.find(REVIEWER, "a1"))).toBe("CLOSED");
      expect(await codeOf(namesOf(evidence))).toBe("CLOSED");
      expect(await codeOf(evidence.changeToken())).toBe("CLOSED");
    });

    test("changes the token with everything new, and at no other time, and never that of anything else", async () => {
      const { evidence, found, store } = setUp();
      const tokens = async () => [await evidence.changeToken(), await evidence.changeToken(REVIEWER)];
      const others = async () => [await store.runs.changeToken(REVIEWER), await store.lifecycle.changeToken(REVIEWER)];
      const [before, ofOthers] = [await tokens(), await others()];
      await evidence.note(REVIEWER, found("a1", { tools: 1, cost_usd: null }));
      const after = await tokens();
      expect(after.filter((token, index) => token === before[index])).toEqual([]);
      await evidence.note(REVIEWER, found("a1", { cost_usd: null }));
      await evidence.note(REVIEWER, found("a1", { tools: 1 }));
      await evidence.overview(REVIEWER);
      expect(await tokens()).toEqual(after);
      await evidence.note(REVIEWER, found("a1", { tools: 2 }));
      expect((await tokens()).filter((token, index) => token === after[index])).toEqual([]);
      expect(await others()).toEqual(ofOthers);
    });
  });
}
