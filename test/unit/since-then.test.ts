import { describe, expect, test } from "vitest";
import type { Baseline, Moment, Recommendation } from "../../src/domain/coaching/recommendation.ts";
import {
  baselineOf,
  compareSince,
  type RunOutcome,
  sinceThen,
  sinceThenSchema,
} from "../../src/domain/coaching/since-then.ts";
import { idOf, timestampOf } from "../support/histories.ts";

const runsOf = (picture: string): RunOutcome[] =>
  [...picture.replaceAll(" ", "")].map((mark, index) => ({
    id: idOf(index + 1),
    timestamp: timestampOf(index + 1),
    success: mark === "+",
  }));

const momentAfter = (ordinal: number): Moment => ({
  timestamp: timestampOf(ordinal),
  execution_count: ordinal,
  after_execution: idOf(ordinal),
});

function adoptedAfter(ordinal: number, before?: Baseline, proposed = momentAfter(ordinal)): Recommendation {
  return {
    id: `rec_${"a".repeat(20)}`,
    agent: "a",
    title: "t",
    detail: undefined,
    priority: undefined,
    safety: false,
    status: "adopted",
    proposed,
    changedAt: timestampOf(ordinal),
    note: undefined,
    adopted: { ...momentAfter(ordinal), before },
    trial: undefined,
  };
}

describe("the baseline of an adoption", () => {
  test("leaves out the failures right before the proposal, and those only; their outcomes are kept", () => {
    expect(baselineOf(runsOf("+-++- ---- ++"), momentAfter(9))).toEqual({
      runs: 6,
      successes: 5,
      left_out: 5,
      outcomes: "10110000011",
    });
  });

  test("counts the runs between proposal and adoption", () => {
    expect(baselineOf(runsOf("++++ -- +-+-"), momentAfter(6))).toMatchObject({ runs: 8, successes: 6, left_out: 2 });
  });

  test("leaves nothing out where the last run before the proposal succeeded", () => {
    expect(baselineOf(runsOf("---+"), momentAfter(4))).toMatchObject({ runs: 4, successes: 1, left_out: 0 });
  });

  test("reaches back 60 runs", () => {
    expect(baselineOf(runsOf("-".repeat(100) + "+".repeat(60)), momentAfter(160))).toEqual({
      runs: 60,
      successes: 60,
      left_out: 0,
      outcomes: "1".repeat(60),
    });
  });

  test("is found by the clock where the last run is not known", () => {
    const moment = { timestamp: timestampOf(3), execution_count: 3, after_execution: null };
    expect(baselineOf(runsOf("+--+"), moment)).toMatchObject({ runs: 2, successes: 2, left_out: 2 });
  });
});

describe("the runs since an adoption", () => {
  test("are better where two rates are twenty times as likely, and the text names no cause", () => {
    const runs = runsOf("+-+-+-+-+-+-+-+-+-+- ---- ++++++++++++");
    expect(sinceThen(adoptedAfter(24), runs)).toEqual({
      verdict: "better_since",
      after: { runs: 12, successes: 12 },
      before: { runs: 19, successes: 10, left_out: 5 },
      // 32 C(31, 22) / (13 C(12, 12) · 20 C(19, 10))
      bayes_factor: expect.closeTo((32 * 20_160_075) / (13 * 20 * 92_378), 9),
      more_runs_needed: 0,
      evidence:
        "better since then: 12 of 12 after, 10 of 19 before (the 5 failures that triggered the advice are not counted; " +
        "Bayes factor 26); whatever else changed on that day is in it",
    });
  });

  test("are worse where fewer succeed", () => {
    expect(sinceThen(adoptedAfter(20), runsOf("+".repeat(20) + "-".repeat(10)))).toMatchObject({
      verdict: "worse_since",
      evidence:
        "worse since then: 0 of 10 after, 20 of 20 before (Bayes factor > 999); whatever else changed on that day is in it",
    });
  });

  test("are not clearly other where they are much the same", () => {
    const found = sinceThen(adoptedAfter(20), runsOf("+++-".repeat(8)));
    expect(found).toMatchObject({
      verdict: "no_clear_change",
      evidence:
        "no clear change since then: 9 of 12 after, 15 of 19 before (the failure that triggered the advice is not counted; Bayes factor 0.3)",
    });
  });

  test("are not clearly other where the rates are sure, and less than 0.10 apart", () => {
    const before = { runs: 60, successes: 60, left_out: 0 };
    const runs = [...Array<boolean>(182).fill(true), ...Array<boolean>(18).fill(false)];
    expect(compareSince({ ...before, runs: 600, successes: 600 }, runs)).toMatchObject({ verdict: "no_clear_change" });
    expect(compareSince({ ...before, runs: 600, successes: 600 }, [...runs.slice(2), false, false])).toMatchObject({
      verdict: "worse_since",
    });
  });

  test("wait for ten, and say how many are to come", () => {
    expect(sinceThen(adoptedAfter(20), runsOf("+".repeat(27)))).toMatchObject({
      verdict: "too_early",
      more_runs_needed: 3,
      evidence: "too early: 7 of 7 after, 20 of 20 before; 3 more runs needed",
    });
  });

  test("have nothing to be compared with where nothing was before", () => {
    const before = { runs: 0, successes: 0, left_out: 0, outcomes: "" };
    expect(compareSince(before, Array<boolean>(12).fill(true))).toMatchObject({
      verdict: "no_clear_change",
      bayes_factor: null,
      evidence: "no clear change since then: 12 of 12 after, 0 of 0 before; there is nothing to compare with",
    });
  });

  test("are all of them where the adoption came before every run", () => {
    const first = { timestamp: timestampOf(1), execution_count: 0, after_execution: null };
    const adopted = { ...adoptedAfter(1), proposed: first, adopted: { ...first, before: undefined } };
    expect(sinceThen(adopted, runsOf("++++"))).toMatchObject({ after: { runs: 4 }, before: { runs: 0 } });
  });

  test("are compared with the baseline that the adoption kept, also when those runs are gone", () => {
    const before = { runs: 40, successes: 20, left_out: 3, outcomes: "10".repeat(20) };
    const tail = runsOf("-".repeat(50) + "+".repeat(20)).slice(50);
    expect(sinceThen(adoptedAfter(50, before), tail)).toMatchObject({
      verdict: "better_since",
      before: { runs: 40, successes: 20, left_out: 3 },
      after: { runs: 20, successes: 20 },
    });
  });

  test("are the first 200, while those are among the last runs; then the last ones, and the text says so", () => {
    const before = { runs: 60, successes: 30, left_out: 0, outcomes: "10".repeat(30) };
    const runs = runsOf("+-".repeat(30) + "+".repeat(240));
    const first = sinceThen(adoptedAfter(60, before), runs.slice(0, 260));
    expect(first?.evidence).toMatch(/^better since then: 200 of 200 after, 30 of 60 before \(/);
    const last = sinceThen(adoptedAfter(60, before), runs.slice(-200));
    expect(last?.evidence).toMatch(/^better since then: 200 of 200, the last ones, after, 30 of 60 before \(/);
  });

  test("are told apart by their ids within one second", () => {
    const runs = runsOf("++++++").map((run) => ({ ...run, timestamp: timestampOf(1) }));
    const moment = { ...momentAfter(4), timestamp: timestampOf(1) };
    expect(sinceThen({ ...adoptedAfter(4), adopted: { ...moment, before: undefined } }, runs)?.after.runs).toBe(2);
  });

  test("are not compared for what is not adopted", () => {
    expect(sinceThen({ ...adoptedAfter(4), status: "proposed", adopted: undefined }, runsOf("++++++"))).toBeUndefined();
  });

  test("parse through their own schema", () => {
    const found = sinceThen(adoptedAfter(20), runsOf("+++-".repeat(8)));
    expect(sinceThenSchema.parse(found)).toEqual(found);
  });
});

describe("a change that is older than the adoption", () => {
  const older = `${"+-".repeat(20)} ${"+".repeat(20)}`;

  test("is dated to where it was, and is no change since then", () => {
    const found = sinceThen(adoptedAfter(60), runsOf(older + "+".repeat(25)));
    expect(found).toMatchObject({ verdict: "no_clear_change", after: { runs: 25, successes: 25 } });
    expect(found?.bayes_factor).toBeGreaterThanOrEqual(20);
    expect(found?.evidence).toMatch(
      /^no clear change since then: 25 of 25 after, 40 of 60 before \(Bayes factor \d+\); it had changed before the adoption, about 2[01] runs earlier$/,
    );
  });

  test("is looked for in the outcomes that the adoption kept", () => {
    const runs = runsOf(older + "+".repeat(25));
    const kept = baselineOf(runs.slice(0, 60), momentAfter(60));
    expect(sinceThen(adoptedAfter(60, kept), runs.slice(60))?.verdict).toBe("no_clear_change");
  });

  test("is looked for in the runs that are left, for an adoption that kept none", () => {
    const { outcomes, ...before } = baselineOf(runsOf(older), momentAfter(60));
    expect(outcomes).toHaveLength(60);
    const runs = runsOf(older + "+".repeat(25));
    expect(sinceThen(adoptedAfter(60, before), runs)?.verdict).toBe("no_clear_change");
    // Where those are gone as well, nobody knows when it was.
    expect(sinceThen(adoptedAfter(60, before), runs.slice(60))?.verdict).toBe("better_since");
  });

  test("has to be ten times as likely: one a run earlier is not", () => {
    const found = sinceThen(adoptedAfter(40), runsOf(`${"+-".repeat(20)}${"+".repeat(30)}`));
    expect(found?.verdict).toBe("better_since");
  });

  test("has to leave five runs before it", () => {
    const found = sinceThen(adoptedAfter(20), runsOf(`---- ${"+-+".repeat(5)}+ ${"+".repeat(30)}`));
    expect(found?.evidence).not.toContain("earlier");
  });
});
