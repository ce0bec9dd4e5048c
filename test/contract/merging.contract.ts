import { describe, expect, test } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { NewRun, NewVerification, RunStore } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import {
  appendRun,
  findRun,
  mergeVerifications,
  namesOf,
  previewRuns,
  scanRuns,
  verifyRun,
} from "../support/single-calls.ts";

/** The promises of the port to who brings in what was recorded elsewhere, one test each. */
export function describeMerging(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const openStore = () => place.open({ now: clock.now, retentionDays: 30 });
    const { ordering, runs } = openStore();
    return { clock, place, open: () => openStore().runs, ordering, runs, makeRun: runMaker(clock) };
  }

  async function records(runs: RunStore): Promise<JsonObject[]> {
    return (await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.record);
  }

  describe(`${name}: a run from elsewhere`, () => {
    test("is added as it was recorded there, once, whether it comes with a key, with an id, or with neither", async () => {
      const { runs, open, place } = setUp();
      const all = [
        { success: true, timestamp: "2026-11-20T10:00:00+01:00", n: [1, { deep: null }] },
        { success: true, timestamp: "2026-11-20T10:00:00Z", id: idOf(1) },
        { success: true, timestamp: "2026-11-20T10:00:00Z", id: idOf(2), idempotency_key: "k" },
        { success: true, idempotency_key: "l" },
      ];
      for (const store of place.durable ? [runs, open()] : [runs]) {
        for (const record of all) await appendRun(store, REVIEWER, fromElsewhere(record));
      }
      const again = await Promise.all(all.map((record) => appendRun(runs, REVIEWER, fromElsewhere(record))));
      expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true, true, true]);
      expect(await records(runs)).toEqual(all);
    });

    test("is the run that was recorded here, if that was brought there before", async () => {
      const { runs, makeRun } = setUp();
      const { execution } = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "é" }));
      expect((await appendRun(runs, REVIEWER, fromElsewhere(execution.record))).duplicate).toBe(true);
    });

    test("is the run with its key also where each store gave it an id and a time of its own", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k", notes: "same" }));
      const other = { success: true, id: idOf(9), timestamp: "2026-11-22T10:30:00Z", idempotency_key: "k" };
      expect((await appendRun(runs, REVIEWER, fromElsewhere({ ...other, notes: "same" }))).duplicate).toBe(true);
      expect(await codeOf(appendRun(runs, REVIEWER, fromElsewhere({ ...other, notes: "other" })))).toBe("KEY_CONFLICT");
    });

    test("is refused where its id is known with other content", async () => {
      const { runs, makeRun } = setUp();
      const { execution } = await appendRun(runs, REVIEWER, makeRun());
      const changed = fromElsewhere({ ...execution.record, success: false });
      expect(await codeOf(appendRun(runs, REVIEWER, changed))).toBe("KEY_CONFLICT");
      expect(await records(runs)).toEqual([execution.record]);
    });

    test("has as many copies here as there, where nothing else tells equal runs apart", async () => {
      const { runs } = setUp();
      const record = { success: true, timestamp: "2026-11-20T10:00:00Z" };
      await appendRun(runs, REVIEWER, { record, reported: record });
      const copies = [0, 1, 2].map((earlierCopies) => fromElsewhere(record, earlierCopies));
      for (const round of [1, 2]) {
        const appended = await Promise.all(copies.map((copy) => appendRun(runs, REVIEWER, copy)));
        expect(appended.map(({ duplicate }) => duplicate)).toEqual(
          round === 1 ? [true, false, false] : [true, true, true],
        );
      }
      expect(await records(runs)).toHaveLength(3);
    });

    test("is told from others by what it says, and not by the agent that it names or the order of its keys", async () => {
      const { runs } = setUp();
      await appendRun(runs, REVIEWER, fromElsewhere({ agent: "a", success: true, list: [1, { x: 1, y: 2 }] }));
      const same = fromElsewhere({ list: [1, { y: 2, x: 1 }], success: true });
      expect((await appendRun(runs, REVIEWER, same)).duplicate).toBe(true);
      for (const other of [{ list: [{ x: 1, y: 2 }, 1] }, { list: [1, { x: 1, y: 2 }], more: null }, {}]) {
        expect((await appendRun(runs, REVIEWER, fromElsewhere({ success: true, ...other }))).duplicate).toBe(false);
      }
    });

    test("can be asked about before it is added, with the same answers", async () => {
      const { runs, makeRun } = setUp();
      const { execution } = await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" }));
      const some = [
        fromElsewhere(execution.record),
        fromElsewhere({ success: false, idempotency_key: "k" }),
        fromElsewhere({ success: true, id: idOf(7) }),
        fromElsewhere({ success: true, id: idOf(7) }),
        fromElsewhere({ success: true }),
        fromElsewhere({ success: true }, 1),
        fromElsewhere({ success: true }),
      ];
      const expected = ["duplicate", "refused", "new", "duplicate", "new", "new", "duplicate"];
      expect(await previewRuns(runs, REVIEWER, some)).toEqual(expected);
      expect(await records(runs)).toHaveLength(1);
      const nobody = agentNamed("nobody");
      expect(await previewRuns(runs, nobody, some.slice(2, 4))).toEqual(["new", "duplicate"]);
      expect(await namesOf(runs)).toEqual([REVIEWER]);
    });
  });

  describe(`${name}: the order of time`, () => {
    test("is that of the runs' timestamps; those of one instant stay as they stood", async ({ skip }) => {
      const { runs, ordering } = setUp();
      if (ordering === undefined) return skip("the store keeps runs in the order of time by itself");
      for (const [n, hour] of [10, 12, 11, 12, 9, 11].entries()) {
        const timestamp = `2026-11-20T${String(hour).padStart(2, "0")}:00:00Z`;
        await appendRun(runs, REVIEWER, fromElsewhere({ success: n !== 4, timestamp, n }));
      }
      expect(await ordering.sortByTime(REVIEWER)).toBe(true);
      expect((await records(runs)).map(({ n }) => n)).toEqual([4, 0, 2, 5, 1, 3]);
      const { view } = await runs.overview(REVIEWER);
      expect(view.recent.map(({ success }) => success)).toEqual([false, true, true, true, true, true]);
      expect(await ordering.sortByTime(REVIEWER)).toBe(false);
    });

    test("leaves a run that does not say its time behind the one before it", async ({ skip }) => {
      const { runs, ordering } = setUp();
      if (ordering === undefined) return skip("the store keeps runs in the order of time by itself");
      const timestamps = [undefined, "2026-11-20T12:00:00Z", "soon", "2026-11-20T10:00:00Z", undefined];
      for (const [n, timestamp] of timestamps.entries()) {
        await appendRun(
          runs,
          REVIEWER,
          fromElsewhere({ success: true, n, ...(timestamp === undefined ? {} : { timestamp }) }),
        );
      }
      expect(await ordering.sortByTime(REVIEWER)).toBe(true);
      expect((await records(runs)).map(({ n }) => n)).toEqual([0, 3, 4, 1, 2]);
    });

    test("is kept by who appends afterwards, keys and ids included", async ({ skip }) => {
      const { clock, runs, makeRun, ordering } = setUp();
      if (ordering === undefined) return skip("the store keeps runs in the order of time by itself");
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" }));
      const earlier = formatInstant(clock.now() - 1000);
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "l", timestamp: earlier }));
      await ordering.sortByTime(REVIEWER);
      expect((await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" }))).duplicate).toBe(true);
      expect((await findRun(runs, REVIEWER, idOf(2)))?.key).toBe("l");
      await appendRun(runs, REVIEWER, makeRun());
      expect((await records(runs)).map(({ id }) => id)).toEqual([idOf(2), idOf(1), idOf(4)]);
    });

    test("moves nothing in an agent's log that nobody has heard of", async ({ skip }) => {
      const { ordering } = setUp();
      if (ordering === undefined) return skip("the store keeps runs in the order of time by itself");
      expect(await ordering.sortByTime(agentNamed("nobody"))).toBe(false);
    });
  });

  describe(`${name}: checks from elsewhere`, () => {
    const verification: NewVerification = {
      execution_id: idOf(1),
      success: false,
      verified_by: "ci",
      timestamp: "2026-11-21T10:00:00Z",
      evidence: "é",
    };

    test("are kept once each, with the time at which they were reported", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      const some: NewVerification[] = [
        verification,
        { ...verification, verified_by: "human", success: true },
        verification,
      ];
      expect(await mergeVerifications(runs, REVIEWER, some, { dryRun: true })).toEqual(["new", "new", "present"]);
      expect(await mergeVerifications(runs, REVIEWER, some)).toEqual(["new", "new", "present"]);
      expect(await mergeVerifications(runs, REVIEWER, some)).toEqual(["present", "present", "present"]);
      const { verified } = await runs.overview(REVIEWER);
      expect(verified).toMatchObject({ verified: { runs: 1, successes: 1 }, contradictions: 1 });
      const [run] = await scanRuns(runs, REVIEWER);
      expect(run?.verifications).toHaveLength(2);
      expect(run?.verifications[0]).toMatchObject({ ...verification, claimed: true });
    });

    test("do not count where their verifier has looked again since, and count where they are the later ones", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await verifyRun(runs, REVIEWER, { ...verification, success: true });
      const before = { ...verification, timestamp: "2026-11-21T09:00:00Z" };
      const after = { ...verification, timestamp: "2026-11-21T11:00:00Z" };
      expect(await mergeVerifications(runs, REVIEWER, [before, verification])).toEqual(["outdated", "outdated"]);
      expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 1 });
      expect(await mergeVerifications(runs, REVIEWER, [after])).toEqual(["new"]);
      expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 0 });
    });

    test("stay apart if nothing proves them, and take back what they took back elsewhere", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await verifyRun(runs, REVIEWER, { ...verification, timestamp: "2026-11-21T11:00:00Z" });
      const unproven: NewVerification = { ...verification, via: "cli", unproven: true };
      expect(await mergeVerifications(runs, REVIEWER, [unproven, unproven])).toEqual(["new", "present"]);
      expect((await runs.overview(REVIEWER)).verified).toMatchObject({ verified: { runs: 1 }, unproven: { ci: 1 } });
      // A timestamp has whole seconds: the one that takes back may have that of the one that it takes back.
      const back = { ...verification, timestamp: "2026-11-21T11:00:00Z", withdrawn: true };
      expect(await mergeVerifications(runs, REVIEWER, [back, back, verification])).toEqual([
        "new",
        "present",
        "outdated",
      ]);
      expect((await runs.overview(REVIEWER)).verified).toMatchObject({ verified: { runs: 0 }, unproven: { ci: 1 } });
    });

    test("are of no use without their run", async () => {
      const { clock, runs, makeRun } = setUp();
      expect(await mergeVerifications(runs, REVIEWER, [verification])).toEqual(["refused"]);
      await appendRun(runs, REVIEWER, makeRun());
      expect(await mergeVerifications(runs, REVIEWER, [{ ...verification, execution_id: idOf(2) }])).toEqual([
        "refused",
      ]);
      clock.advanceDays(31);
      expect(await mergeVerifications(runs, REVIEWER, [verification])).toEqual(["refused"]);
    });
  });
}

function fromElsewhere(record: JsonObject, earlierCopies = 0): NewRun {
  const { agent: _, ...content } = record;
  const { id: __, timestamp: ___, ...keyed } = content;
  const reported = record.idempotency_key === undefined ? content : keyed;
  return { record, reported, origin: { text: JSON.stringify(record), earlierCopies } };
}
