import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { contradictionIn, outcomeOf, type Verifier } from "../../src/domain/verification/verification.ts";
import { noneUnproven } from "../../src/domain/verification/verified-view.ts";
import type { NewVerification, Store, VerifiedOverview } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, findRun, namesOf, verifyRun } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;

/** What of an answer is about checks. */
export function verifiedPart({ verified: { outcomes, ...figures }, view }: VerifiedOverview) {
  const recent = view.recent.flatMap(({ id }) =>
    id !== undefined && outcomes.has(id) ? [[id, outcomes.get(id)]] : [],
  );
  return { ...figures, recent };
}

/** The promises about checks, one test each. */
export function describeVerification(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = (): Store => place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    const { retention, runs } = open();
    const verificationOf = (ordinal: number, success: boolean, verified_by: Verifier = "tests"): NewVerification => ({
      execution_id: idOf(ordinal),
      success,
      verified_by,
      timestamp: formatInstant(clock.now()),
    });
    return { clock, place, open, retention, runs, makeRun: runMaker(clock), verificationOf };
  }

  describe(`${name}: checking a run`, () => {
    test("says what the run claimed, what counts now, and the figures that now hold", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      const { execution } = await appendRun(runs, REVIEWER, makeRun());
      await appendRun(runs, REVIEWER, makeRun());
      const { run, overview } = await verifyRun(runs, REVIEWER, verificationOf(1, false));
      expect(run).toEqual({
        executionId: idOf(1),
        claimed: true,
        executedAt: execution.timestamp,
        verifications: { tests: false },
      });
      expect(overview.view.tally).toMatchObject({ runs: 2, successes: 2 });
      expect(verifiedPart(overview)).toEqual({
        verified: { runs: 1, successes: 0 },
        claimedSuccesses: 1,
        contradictions: 0,
        unproven: noneUnproven(),
        recent: [[idOf(1), false]],
      });
      expect(verifiedPart(await runs.overview(REVIEWER))).toEqual(verifiedPart(overview));
    });

    test("fails with NOT_FOUND for an id, an agent or an expired run that nobody can check, and keeps nothing", async () => {
      const { runs, clock, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      expect(await codeOf(verifyRun(runs, REVIEWER, verificationOf(2, true)))).toBe("NOT_FOUND");
      expect(await codeOf(verifyRun(runs, agentNamed("writer"), verificationOf(1, true)))).toBe("NOT_FOUND");
      expect(await codeOf(verifyRun(runs, REVIEWER, { ...verificationOf(1, true), execution_id: "" }))).toBe(
        "NOT_FOUND",
      );
      clock.advanceDays(RETENTION_DAYS + 1);
      expect(await codeOf(verifyRun(runs, REVIEWER, verificationOf(1, true)))).toBe("NOT_FOUND");
      expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 0, successes: 0 });
      expect(await namesOf(runs)).toEqual([REVIEWER]);
    });

    test("counts a second check of the same verifier in place of the first", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await verifyRun(runs, REVIEWER, verificationOf(1, false));
      const { run, overview } = await verifyRun(runs, REVIEWER, verificationOf(1, true));
      expect(run.verifications).toEqual({ tests: true });
      expect(overview.verified).toMatchObject({ verified: { runs: 1, successes: 1 }, contradictions: 0 });
    });

    test("keeps the word of each verifier, and says where they contradict each other", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await verifyRun(runs, REVIEWER, verificationOf(1, true, "human"));
      const { run, overview } = await verifyRun(runs, REVIEWER, verificationOf(1, false, "ci"));
      expect(outcomeOf(run)).toBe(true);
      expect(contradictionIn(run)).toContain("success by human; failure by ci. human counts");
      expect(overview.verified).toMatchObject({ verified: { runs: 1, successes: 1 }, contradictions: 1 });
      const settled = await verifyRun(runs, REVIEWER, verificationOf(1, true, "ci"));
      expect(settled.overview.verified).toMatchObject({ verified: { runs: 1, successes: 1 }, contradictions: 0 });
    });

    test("counts nothing that nothing proves, keeps it apart, and lets it take no other word's place", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      const unproven = { via: "cli", unproven: true } as const;
      const claimed = await verifyRun(runs, REVIEWER, { ...verificationOf(1, false, "human"), ...unproven });
      expect(claimed.run).toMatchObject({ verifications: {}, unproven: { human: false } });
      expect(verifiedPart(claimed.overview)).toEqual({
        verified: { runs: 0, successes: 0 },
        claimedSuccesses: 0,
        contradictions: 0,
        unproven: { ...noneUnproven(), human: 1 },
        recent: [],
      });
      await verifyRun(runs, REVIEWER, verificationOf(1, true, "human"));
      const again = await verifyRun(runs, REVIEWER, { ...verificationOf(1, false, "human"), ...unproven });
      expect(again.run).toMatchObject({ verifications: { human: true }, unproven: { human: false } });
      expect(verifiedPart(again.overview)).toMatchObject({
        verified: { runs: 1, successes: 1 },
        unproven: { ...noneUnproven(), human: 1 },
        recent: [[idOf(1), true]],
      });
      expect((await runs.overview(REVIEWER, { success: true })).verified.unproven.human).toBe(1);
    });

    test("takes back what the same verifier said, and nothing of others nor of another standing", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await verifyRun(runs, REVIEWER, verificationOf(1, false, "ci"));
      await verifyRun(runs, REVIEWER, { ...verificationOf(1, true, "human"), unproven: true });
      await verifyRun(runs, REVIEWER, verificationOf(1, true, "human"));
      const back = await verifyRun(runs, REVIEWER, { ...verificationOf(1, true, "human"), withdrawn: true });
      expect(back.run).toMatchObject({ verifications: { ci: false }, unproven: { human: true } });
      expect(back.overview.verified).toMatchObject({ verified: { runs: 1, successes: 0 }, contradictions: 0 });
      const none = await verifyRun(runs, REVIEWER, { ...verificationOf(1, false, "ci"), withdrawn: true });
      expect(none.run.verifications).toEqual({});
      expect(verifiedPart(none.overview)).toMatchObject({ verified: { runs: 0 }, claimedSuccesses: 0, recent: [] });
      const { run } = await verifyRun(runs, REVIEWER, verificationOf(1, false, "ci"));
      expect(run.verifications).toEqual({ ci: false });
    });

    test("gives a page the verifications of its runs", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      for (let run = 0; run < 3; run += 1) await appendRun(runs, REVIEWER, makeRun());
      await verifyRun(runs, REVIEWER, verificationOf(1, true));
      await verifyRun(runs, REVIEWER, verificationOf(3, false, "agent"));
      await verifyRun(runs, REVIEWER, verificationOf(3, true, "ci"));
      const page = await runs.page(REVIEWER, { filter: {}, limit: 2 });
      const said = [...page.verifications].map(([id, all]) => [id, all.map(({ verified_by }) => verified_by)]);
      expect(said).toEqual([[idOf(3), ["agent", "ci"]]]);
      expect((await runs.page(agentNamed("writer"), { filter: {}, limit: 2 })).verifications.size).toBe(0);
    });

    test("is found with its run by the run's key, as long as that is live, in the order of the reports", async () => {
      const { clock, runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "a" }));
      await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "b" }));
      await verifyRun(runs, REVIEWER, verificationOf(1, false, "agent"));
      await verifyRun(runs, REVIEWER, verificationOf(1, true, "ci"));
      const found = await runs.lookUp(REVIEWER, ["b", "none", "a"]);
      expect(new Map([...found].map(([key, { execution }]) => [key, execution.id]))).toEqual(
        new Map([
          ["b", idOf(2)],
          ["a", idOf(1)],
        ]),
      );
      expect(found.get("a")?.verifications.map(({ verified_by }) => verified_by)).toEqual(["agent", "ci"]);
      expect(found.get("b")?.verifications).toEqual([]);
      expect((await runs.lookUp(agentNamed("writer"), ["a"])).size).toBe(0);
      clock.advanceDays(RETENTION_DAYS + 1);
      expect((await runs.lookUp(REVIEWER, ["a", "b"])).size).toBe(0);
    });

    test("changes neither the record nor what the run claimed", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      const run = makeRun({ notes: "as it was" });
      await appendRun(runs, REVIEWER, run);
      await verifyRun(runs, REVIEWER, verificationOf(1, false));
      expect((await findRun(runs, REVIEWER, idOf(1)))?.record).toEqual(run.record);
    });

    test("counts every one of many that arrive at the same moment", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      for (let run = 0; run < 5; run += 1) await appendRun(runs, REVIEWER, makeRun());
      const verifiers: Verifier[] = ["human", "ci", "tests", "agent"];
      const calls = verifiers.flatMap((verifier) =>
        [1, 2, 3, 4, 5].map((n) => verificationOf(n, n % 2 === 0, verifier)),
      );
      await Promise.all(calls.map((verification) => verifyRun(runs, REVIEWER, verification)));
      const again = await verifyRun(runs, REVIEWER, verificationOf(1, false, "agent"));
      expect(again.run.verifications).toEqual({ human: false, ci: false, tests: false, agent: false });
      expect(again.overview.verified).toMatchObject({ verified: { runs: 5, successes: 2 }, contradictions: 0 });
    });

    test("says nothing about the runs of other agents", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      await appendRun(runs, agentNamed("writer"), makeRun());
      await verifyRun(runs, REVIEWER, verificationOf(1, true));
      expect((await runs.overview(agentNamed("writer"))).verified.verified.runs).toBe(0);
    });
  });

  describe(`${name}: what verifications count for`, () => {
    test("is the runs that a filter picks", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await appendRun(runs, REVIEWER, makeRun({ task: "review" }));
      await appendRun(runs, REVIEWER, makeRun({ task: "write", success: false }));
      await verifyRun(runs, REVIEWER, verificationOf(1, false));
      await verifyRun(runs, REVIEWER, verificationOf(2, true));
      expect(verifiedPart(await runs.overview(REVIEWER, { task: "review" }))).toEqual({
        verified: { runs: 1, successes: 0 },
        claimedSuccesses: 1,
        contradictions: 0,
        unproven: noneUnproven(),
        recent: [[idOf(1), false]],
      });
      expect((await runs.overview(REVIEWER, { task: "write" })).verified).toMatchObject({
        verified: { runs: 1, successes: 1 },
        claimedSuccesses: 0,
      });
    });

    test("is live runs only, each to the last millisecond of its time, also within one day", async () => {
      const { retention, runs, clock, makeRun, verificationOf } = setUp();
      for (let hour = 0; hour < 4; hour += 1) {
        await appendRun(runs, REVIEWER, makeRun({ success: hour % 2 === 0 }));
        await verifyRun(runs, REVIEWER, verificationOf(hour + 1, true));
        clock.advanceDays(1 / 24);
      }
      // The first run is now exactly as old as a run may be.
      clock.advanceDays(RETENTION_DAYS - 4 / 24);
      const counts = async () => (await runs.overview(REVIEWER)).verified;
      expect(await counts()).toMatchObject({ verified: { runs: 4, successes: 4 }, claimedSuccesses: 2 });
      clock.advanceDays(1 / DAY_MS);
      expect(await counts()).toMatchObject({ verified: { runs: 3, successes: 3 }, claimedSuccesses: 1 });
      await verifyRun(runs, REVIEWER, verificationOf(3, false));
      expect(await counts()).toMatchObject({ verified: { runs: 3, successes: 2 }, claimedSuccesses: 1 });
      clock.advanceDays(1 / 24);
      expect(await counts()).toMatchObject({ verified: { runs: 2, successes: 1 }, claimedSuccesses: 1 });
      await retention?.prune(REVIEWER);
      expect(await counts()).toMatchObject({ verified: { runs: 2, successes: 1 }, claimedSuccesses: 1 });
      clock.advanceDays(1);
      expect(await counts()).toMatchObject({ verified: { runs: 0, successes: 0 }, claimedSuccesses: 0 });
    });

    test("is runs without a timestamp for ever", async () => {
      const { runs, clock, makeRun, verificationOf } = setUp();
      const { timestamp: _, ...undated } = makeRun().record;
      await appendRun(runs, REVIEWER, { record: undated, reported: undated });
      const { run } = await verifyRun(runs, REVIEWER, verificationOf(1, true));
      expect(run.executedAt).toBeNull();
      clock.advanceDays(10 * 365);
      expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 1 });
    });

    test("is the last 200 runs one by one, however many others were checked after them", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      await Promise.all(Array.from({ length: 1000 }, () => appendRun(runs, REVIEWER, makeRun())));
      await verifyRun(runs, REVIEWER, { ...verificationOf(2, true, "agent"), unproven: true });
      await verifyRun(runs, REVIEWER, verificationOf(1000, false));
      await verifyRun(runs, REVIEWER, verificationOf(801, false));
      for (let ordinal = 1; ordinal <= 760; ordinal += 1) {
        const [result] = await runs.verify(REVIEWER, [verificationOf(ordinal, ordinal > 380)]);
        expect(result?.kind).toBe("new");
      }
      // What was said of a run long ago is still known when it is checked again.
      const { run, overview } = await verifyRun(runs, REVIEWER, verificationOf(2, true, "human"));
      expect(run.verifications).toEqual({ tests: false, human: true });
      expect(verifiedPart(overview)).toEqual({
        verified: { runs: 762, successes: 381 },
        claimedSuccesses: 762,
        contradictions: 1,
        unproven: { ...noneUnproven(), agent: 1 },
        recent: [
          [idOf(801), false],
          [idOf(1000), false],
        ],
      });
    });
  });

  describe(`${name}: the stamp of changes`, () => {
    test("differs after a run, a verification and a new agent, and at no other time", async () => {
      const { runs, makeRun, verificationOf } = setUp();
      const writer = agentNamed("writer");
      const stamps = async () => [
        await runs.changeToken(),
        await runs.changeToken(REVIEWER),
        await runs.changeToken(writer),
      ];
      const seen = [await stamps()];
      await appendRun(runs, REVIEWER, makeRun());
      seen.push(await stamps());
      await verifyRun(runs, REVIEWER, verificationOf(1, true));
      seen.push(await stamps());
      await appendRun(runs, writer, makeRun());
      seen.push(await stamps());
      await runs.overview(REVIEWER);
      await runs.overview(REVIEWER, { success: true });
      expect(await stamps()).toEqual(seen.at(-1));
      const changed = seen.slice(1).map((now, index) => now.map((stamp, which) => stamp !== seen[index]?.[which]));
      expect(changed).toEqual([
        [true, true, false],
        [true, true, false],
        [true, false, true],
      ]);
    });
  });

  describe(`${name}: verifications and other stores on the same place`, () => {
    test("are there for a store opened later, and for one that was open all the time", async () => {
      const { place, open, runs, makeRun, verificationOf } = setUp();
      if (!place.durable) return;
      const other = open().runs;
      await appendRun(runs, REVIEWER, makeRun());
      expect((await other.overview(REVIEWER)).verified.verified.runs).toBe(0);
      const before = await other.changeToken();
      await verifyRun(runs, REVIEWER, verificationOf(1, false));
      expect(await other.changeToken()).not.toBe(before);
      expect((await other.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 0 });
      const { run } = await verifyRun(other, REVIEWER, verificationOf(1, true, "human"));
      expect(run.verifications).toEqual({ tests: false, human: true });
      const checked = await verifyRun(runs, REVIEWER, verificationOf(1, false, "ci"));
      expect(checked.run.verifications).toEqual({ tests: false, human: true, ci: false });
      await runs.close();
      expect((await open().runs.overview(REVIEWER)).verified).toMatchObject({
        verified: { runs: 1, successes: 1 },
        contradictions: 1,
      });
    });
  });
}
