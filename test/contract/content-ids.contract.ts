import { describe, expect, test } from "vitest";
import { isContentId } from "../../src/domain/run/execution.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { NewRun, NewVerification, Store } from "../../src/storage/store.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER } from "../support/runs.ts";
import { appendRun, mergeVerifications, scanRuns, verifyRun } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;

/** The promises about runs that we gave no id, one test each. */
export function describeContentIds(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = (): Store => place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    const store = open();
    const timestamp = formatInstant(clock.now());
    const add = async (record: JsonObject, earlierCopies = 0) => {
      const whole = { success: true, timestamp, ...record };
      const { execution } = await appendRun(store.runs, REVIEWER, foreign(whole, earlierCopies));
      return execution.id;
    };
    const wordOn = (id: string, success = false): NewVerification => {
      return { execution_id: id, success, verified_by: "ci", timestamp };
    };
    return { ...store, add, clock, open, place, wordOn };
  }

  describe(`${name}: a run without an id of ours`, () => {
    test.each<[string, JsonObject]>([
      ["none", { notes: "none" }],
      ["one of another program", { id: "build-17" }],
      ["a number", { id: 17 }],
      ["one that looks like ours, but is made", { id: "content_0123456789abcdef" }],
      ["none, and a key", { idempotency_key: "k" }],
    ])("is found, verified and taken back by what it says: %s", async (_, record) => {
      const { add, open, place, runs, wordOn } = setUp();
      await add({ notes: "another" });
      const id = await add(record);
      expect(isContentId(id)).toBe(true);
      expect((await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id)).toContain(id);
      const { overview } = await verifyRun(runs, REVIEWER, wordOn(id));
      expect(overview.verified).toMatchObject({ verified: { runs: 1, successes: 0 }, claimedSuccesses: 1 });
      for (const store of place.durable ? [runs, open().runs] : [runs]) {
        const found = await store.find(REVIEWER, id);
        expect(found).toMatchObject({ isOneOfSeveral: false, verifications: [{ success: false }] });
        expect(found?.execution.record).toMatchObject(record);
        expect((await store.overview(REVIEWER)).verified.outcomes.get(id)).toBe(false);
        expect((await store.page(REVIEWER, { filter: {}, limit: 9 })).verifications.get(id)).toHaveLength(1);
        expect((await store.overview(REVIEWER, { success: true })).verified.verified.runs).toBe(1);
        expect(await store.days(REVIEWER)).toMatchObject([{ runs: 2, successes: 1, verified: 1 }]);
      }
      await verifyRun(runs, REVIEWER, { ...wordOn(id), withdrawn: true });
      expect((await runs.overview(REVIEWER)).verified.verified.runs).toBe(0);
    });

    test("is not found by another id, of another agent, or once it has expired", async () => {
      const { add, clock, runs } = setUp();
      const id = await add({ id: "build-17" });
      for (const other of ["build-17", "content_0123456789abcdef", "content_", ""]) {
        expect(await runs.find(REVIEWER, other)).toBeUndefined();
      }
      expect(await runs.find(agentNamed("writer"), id)).toBeUndefined();
      clock.advanceDays(RETENTION_DAYS + 1);
      expect(await runs.find(REVIEWER, id)).toBeUndefined();
    });

    test("has an id that does not depend on whose it is, nor on how it is spelled", async () => {
      const { add, runs } = setUp();
      const id = await add({ n: 1, o: 2 });
      const { timestamp } = (await runs.find(REVIEWER, id))?.execution ?? {};
      const text = `{"o": 2.0, "n": 10e-1, "agent": "writer", "timestamp": "${timestamp}", "success": true}`;
      const record: JsonObject = JSON.parse(text);
      const again = { record, reported: record, origin: { text, earlierCopies: 0 } };
      expect((await appendRun(runs, agentNamed("writer"), again)).execution.id).toBe(id);
    });

    test("is no duplicate of those that say the same, and then none of them can be decided", async () => {
      const { add, runs, voiding, wordOn } = setUp();
      const id = await add({ notes: "twin" });
      await verifyRun(runs, REVIEWER, wordOn(id));
      expect(await add({ notes: "twin" }, 1)).toBe(id);
      expect(await add({ notes: "twin" }, 2)).toBe(id);
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(3);
      expect(await runs.find(REVIEWER, id)).toMatchObject({ isOneOfSeveral: true });
      expect(await codeOf(verifyRun(runs, REVIEWER, wordOn(id, true)))).toBe("INVALID_ARGUMENT");
      if (voiding !== undefined) {
        const voided = { id, by: "human", reason: "twice", timestamp: wordOn(id).timestamp } as const;
        expect(await codeOf(voiding.voidRun(REVIEWER, voided))).toBe("INVALID_ARGUMENT");
      }
      // What was said before there were several is kept, and counts once.
      const { verified } = await runs.overview(REVIEWER);
      expect(verified.verified).toEqual({ runs: 1, successes: 0 });
      expect((await runs.overview(REVIEWER, { success: true })).verified.verified).toEqual(verified.verified);
      expect(await runs.days(REVIEWER)).toMatchObject([{ runs: 3, successes: 2, verified: 1 }]);
      expect(await mergeVerifications(runs, REVIEWER, [wordOn(id)])).toEqual(["present"]);
      await verifyRun(runs, REVIEWER, { ...wordOn(id), withdrawn: true });
      expect((await runs.overview(REVIEWER)).verified.verified.runs).toBe(0);
    });

    test("is voided and put back with what was said of it, and counts again if it comes again", async ({ skip }) => {
      const { add, runs, voiding, wordOn } = setUp();
      if (voiding === undefined) return skip("the store cannot take a run back");
      const id = await add({ id: "build-17" });
      await add({ id: "build-18" });
      await verifyRun(runs, REVIEWER, wordOn(id));
      const before = await scanRuns(runs, REVIEWER);
      const voided = { id, by: "human", reason: "a typo", timestamp: wordOn(id).timestamp } as const;
      await voiding.voidRun(REVIEWER, voided);
      expect(await runs.find(REVIEWER, id)).toBeUndefined();
      expect((await runs.overview(REVIEWER)).verified.verified.runs).toBe(0);
      expect((await voiding.voidedRuns(REVIEWER)).map((run) => run.id)).toEqual([id]);
      await voiding.undo(REVIEWER, id);
      expect(await scanRuns(runs, REVIEWER)).toEqual(before);
      expect(await voiding.voidedRuns(REVIEWER)).toEqual([]);
    });

    test("keeps its id and its verification where its agent is given another name, beside one that says the same", async ({
      skip,
    }) => {
      const { add, moving, runs, wordOn } = setUp();
      if (moving === undefined) return skip("the store cannot move an agent");
      const writer = agentNamed("writer");
      const id = await add({ notes: "twin" });
      const { record } = (await runs.find(REVIEWER, id))?.execution ?? {};
      await appendRun(runs, writer, foreign(record ?? {}));
      await verifyRun(runs, REVIEWER, wordOn(id));
      await moving.move(REVIEWER, writer);
      expect((await runs.overview(writer)).view.tally.runs).toBe(2);
      expect(await runs.find(writer, id)).toMatchObject({ isOneOfSeveral: true, verifications: [{ success: false }] });
      expect((await runs.overview(writer)).verified.verified.runs).toBe(1);
    });

    test("keeps its verification through a prune", async ({ skip }) => {
      const { add, clock, open, place, retention, runs, wordOn } = setUp();
      if (retention === undefined) return skip("the store takes out what has expired by itself");
      await add({ notes: "old" });
      clock.advanceDays(RETENTION_DAYS - 1);
      const timestamp = formatInstant(clock.now());
      const id = await add({ notes: "young", timestamp });
      await verifyRun(runs, REVIEWER, wordOn(id));
      clock.advanceDays(2);
      await retention.prune(REVIEWER);
      for (const store of place.durable ? [runs, open().runs] : [runs]) {
        expect(await store.find(REVIEWER, id)).toMatchObject({ verifications: [{ success: false }] });
        expect((await store.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 0 });
      }
    });
  });
}

function foreign(record: JsonObject, earlierCopies = 0): NewRun {
  const { agent: _, ...reported } = record;
  return { record, reported, origin: { text: JSON.stringify(record), earlierCopies } };
}
