import { describe, expect, test } from "vitest";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createMemoryStore } from "../oracle/memory.ts";
import { codeOf, REVIEWER } from "../support/runs.ts";

const START = Date.UTC(2026, 10, 1);
const TITLE = "Run the tests before you answer";

/** The use cases over a store in memory, with coins that show what is on trial to runs whose key ends with "s". */
function setUp(more: { coin?: ((text: string) => number | undefined) | undefined; holdout?: number } = {}) {
  let ids = 0;
  let now = START;
  const coin = "coin" in more ? more.coin : (text: string) => (text.endsWith("s") ? 0 : 0.99);
  const kaizen = new Kaizen({
    store: createMemoryStore({ now: () => now, retentionDays: 180 }),
    now: () => now,
    randomHex: () => (++ids).toString(16).padStart(20, "0").padEnd(32, "0"),
    retentionDays: 180,
    ...(coin === undefined ? {} : { coin }),
    holdout: () => more.holdout,
  });
  return {
    kaizen,
    async propose(advice: object = {}): Promise<string> {
      const recommendations = [{ agent: "reviewer", title: TITLE, ...advice }];
      const { recommendation_ids } = await kaizen.writeAnalysis({ report: {}, recommendations });
      return recommendation_ids[0] ?? "";
    },
    /** A run from its brief to its report; gives the brief that it got. */
    async run(key: string, success: boolean, verified: boolean | null = success): Promise<string> {
      now += 60_000;
      const brief = await kaizen.brief("reviewer", "short", { key });
      const { id } = await kaizen.record({ agent: "reviewer", success, idempotency_key: key });
      if (verified === null) return brief;
      await kaizen.verify({ agent: "reviewer", execution_id: id ?? "", success: verified, verified_by: "ci" });
      return brief;
    },
    async trialOf(id: string) {
      return (await kaizen.trials.settle(await kaizen.recommendations())).get(id);
    },
  };
}

const settings = { share: 0.5, outcome: "verified" } as const;

describe("a trial", () => {
  test("shows the advice to the runs that the coin picks, and to no reader without a run", async () => {
    const { kaizen, propose, run } = setUp();
    await kaizen.record({ agent: "reviewer", success: true });
    const id = await propose();
    expect(await kaizen.brief("reviewer", "short")).toContain(TITLE);
    await kaizen.trials.start(id, settings);
    expect(await kaizen.brief("reviewer", "short")).not.toContain(TITLE);
    expect((await kaizen.sessionFacts(5)).undecided).toEqual([]);
    expect(await run("1s", true)).toContain(TITLE);
    expect(await run("2n", true)).not.toContain(TITLE);
    for (const brief of [await run("3s", true), await run("4n", true)]) expect(brief).not.toMatch(/trial|coin/i);
  });

  test("counts each run on the side that it was given, once, with its verified outcome", async () => {
    const { kaizen, propose, run, trialOf } = setUp();
    const id = await propose();
    await kaizen.trials.start(id, settings);
    await run("1s", true);
    await run("2s", true, false);
    await run("3s", true, null);
    await run("4n", false);
    // A client takes the same run up again.
    await kaizen.brief("reviewer", "short", { key: "1s" });
    expect((await trialOf(id))?.standing).toMatchObject({
      shown: { runs: 2, successes: 1 },
      notShown: { runs: 1, successes: 0 },
      undecided: { shown: 1, notShown: 0 },
    });
  });

  test("of claims takes the claim of a run that was not verified", async () => {
    const { kaizen, propose, run, trialOf } = setUp();
    const id = await propose();
    await kaizen.trials.start(id, { share: 0.5, outcome: "claimed" });
    await run("1s", true, null);
    await run("2n", true, false);
    expect((await trialOf(id))?.standing).toMatchObject({
      shown: { successes: 1 },
      notShown: { runs: 1, successes: 0 },
    });
  });

  test("is decided once, keeps its decision, and assigns no run after that", async () => {
    const { kaizen, propose, run, trialOf } = setUp();
    const id = await propose();
    await kaizen.trials.start(id, settings);
    for (let n = 0; n < 16; n += 1) {
      await run(`${n}s`, true);
      await run(`${n}n`, false);
    }
    const decided = await trialOf(id);
    expect(decided?.decision).toMatchObject({ verdict: "helped" });
    expect(await run("later-n", true)).toContain(TITLE);
    const after = await trialOf(id);
    expect(after?.decision).toEqual(decided?.decision);
    expect(after?.standing.shown.runs).toBe(16);
  });

  test("is ended by a person, or by what becomes of the advice, and a new one counts anew", async () => {
    const { kaizen, propose, run, trialOf } = setUp();
    const id = await propose();
    await kaizen.trials.start(id, settings);
    await run("1s", true);
    expect((await kaizen.trials.stop(id)).trial?.stoppedAt).toBeDefined();
    expect(await codeOf(kaizen.trials.stop(id))).toBe("INVALID_ARGUMENT");
    await kaizen.trials.start(id, settings);
    expect((await trialOf(id))?.evidence).toMatch(
      /^on trial \(share 0\.5\): 0 of 0 shown, .*; trial 2 of this advice$/,
    );
    await kaizen.updateRecommendation({ id, status: "adopted" });
    expect(await codeOf(kaizen.trials.stop(id))).toBe("INVALID_ARGUMENT");
    expect(await run("2n", true)).toContain(TITLE);
  });

  test("is refused for safety advice, twice at a time, for advice that is out of the question, and without a secret", async () => {
    const { kaizen, propose } = setUp();
    expect(await codeOf(kaizen.trials.start(await propose({ safety: true }), settings))).toBe("INVALID_ARGUMENT");
    const id = await propose();
    await kaizen.trials.start(id, settings);
    expect(await codeOf(kaizen.trials.start(id, settings))).toBe("INVALID_ARGUMENT");
    await kaizen.updateRecommendation({ id, status: "rejected" });
    expect(await codeOf(kaizen.trials.start(id, settings))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(kaizen.trials.start(`rec_${"0".repeat(20)}`, settings))).toBe("NOT_FOUND");
    const without = setUp({ coin: undefined });
    expect(await codeOf(without.kaizen.trials.start(await without.propose(), settings))).toBe("INVALID_ARGUMENT");
  });
});

describe("the holdout of the brief", () => {
  test("leaves runs without one, as the coin says, and counts them apart", async () => {
    const { kaizen, run } = setUp({ holdout: 0.1 });
    expect(await run("1s", true)).toContain("no runs on record yet");
    expect(await run("2n", false)).toBe("");
    expect(await kaizen.brief("reviewer", "short")).not.toBe("");
    expect(await kaizen.trials.results.holdouts(REVIEWER)).toMatchObject([
      { heldOut: 0.1, standing: { shown: { runs: 1, successes: 1 }, notShown: { runs: 1, successes: 0 } } },
    ]);
  });

  test("is off unless a person has switched it on", async () => {
    const { kaizen, run } = setUp();
    await run("1n", true);
    expect(await kaizen.trials.results.holdouts(REVIEWER)).toEqual([]);
  });
});
