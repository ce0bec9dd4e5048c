import { describe, expect, test } from "vitest";
import {
  baselineOf,
  effectOf,
  effectSchema,
  measureEffect,
  type RunOutcome,
} from "../../src/domain/coaching/effect.ts";
import type { Baseline, Moment, Recommendation } from "../../src/domain/coaching/recommendation.ts";
import { idOf, timestampOf } from "../support/histories.ts";
import { seededRandom } from "../support/random.ts";

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
    status: "adopted",
    proposed,
    changedAt: timestampOf(ordinal),
    note: undefined,
    adopted: { ...momentAfter(ordinal), before },
  };
}

describe("the baseline of an adoption", () => {
  test("leaves out the failures that led to the proposal, and those only", () => {
    expect(baselineOf(runsOf("+-++- ---- ++"), momentAfter(9))).toEqual({ runs: 6, successes: 5, left_out: 5 });
  });

  test("counts the runs between proposal and adoption", () => {
    expect(baselineOf(runsOf("++++ -- +-+-"), momentAfter(6))).toEqual({ runs: 8, successes: 6, left_out: 2 });
  });

  test("leaves nothing out where the last run before the proposal succeeded", () => {
    expect(baselineOf(runsOf("---+"), momentAfter(4))).toEqual({ runs: 4, successes: 1, left_out: 0 });
  });

  test("reaches back 60 runs", () => {
    expect(baselineOf(runsOf("-".repeat(100) + "+".repeat(60)), momentAfter(160))).toEqual({
      runs: 60,
      successes: 60,
      left_out: 0,
    });
  });

  test("is found by the clock where the last run is not known", () => {
    const moment = { timestamp: timestampOf(3), execution_count: 3, after_execution: null };
    expect(baselineOf(runsOf("+--+"), moment)).toEqual({ runs: 2, successes: 2, left_out: 2 });
  });
});

describe("the effect of a recommendation", () => {
  test("is help where more runs succeed after it", () => {
    const runs = runsOf("+-+-+-+-+-+-+-+-+-+- ---- ++++++++++++");
    expect(effectOf(adoptedAfter(24), runs)).toEqual({
      verdict: "helped",
      after: { runs: 12, successes: 12 },
      before: { runs: 19, successes: 10, left_out: 5 },
      p_after_greater: expect.closeTo(0.998, 2),
      more_runs_needed: 0,
      evidence: "helped: 12 of 12 after, 10 of 19 before without the 5 failures that led to it (P 0.998)",
    });
  });

  test("is hurt where fewer do", () => {
    const effect = effectOf(adoptedAfter(20), runsOf("+".repeat(20) + "-".repeat(10)));
    expect(effect).toMatchObject({
      verdict: "hurt",
      evidence: "hurt: 0 of 10 after, 20 of 20 before (P > 0.999)",
    });
  });

  test("is not clear where they are much the same", () => {
    const effect = effectOf(adoptedAfter(20), runsOf("+++-".repeat(8)));
    expect(effect?.verdict).toBe("no_clear_effect");
    expect(effect?.evidence).toMatch(
      /^no clear effect: 9 of 12 after, 15 of 19 before without the failure that led to it/,
    );
  });

  test("waits for ten runs, and says how many are to come", () => {
    expect(effectOf(adoptedAfter(20), runsOf("+".repeat(27)))).toMatchObject({
      verdict: "too_early",
      more_runs_needed: 3,
      evidence: "too early: 7 of 7 after, 20 of 20 before; 3 more runs needed",
    });
  });

  test("is not clear where nothing was before", () => {
    const before = { runs: 0, successes: 0, left_out: 0 };
    expect(measureEffect(before, { runs: 12, successes: 12 })).toMatchObject({
      verdict: "no_clear_effect",
      p_after_greater: null,
      evidence: "no clear effect: 12 of 12 after, 0 of 0 before; there is nothing to compare with",
    });
  });

  test("counts no run before an adoption that came before every run", () => {
    const first = { timestamp: timestampOf(1), execution_count: 0, after_execution: null };
    const adopted = { ...adoptedAfter(1), proposed: first, adopted: { ...first, before: undefined } };
    expect(effectOf(adopted, runsOf("++++"))).toMatchObject({ after: { runs: 4 }, before: { runs: 0 } });
  });

  test("is measured against the baseline that the adoption kept, also when those runs are gone", () => {
    const before = { runs: 40, successes: 20, left_out: 3 };
    const tail = runsOf("-".repeat(50) + "+".repeat(20)).slice(50);
    expect(effectOf(adoptedAfter(50, before), tail)).toMatchObject({
      verdict: "helped",
      before,
      after: { runs: 20, successes: 20 },
    });
  });

  test("tells runs of the same second apart by their ids", () => {
    const runs = runsOf("++++++").map((run) => ({ ...run, timestamp: timestampOf(1) }));
    const adopted = adoptedAfter(4);
    const moment = { ...momentAfter(4), timestamp: timestampOf(1) };
    expect(effectOf({ ...adopted, adopted: { ...moment, before: undefined } }, runs)?.after.runs).toBe(2);
  });

  test("is not measured of what is not adopted", () => {
    expect(effectOf({ ...adoptedAfter(4), status: "proposed", adopted: undefined }, runsOf("++++++"))).toBeUndefined();
  });

  test("parses through its own schema", () => {
    const effect = effectOf(adoptedAfter(20), runsOf("+++-".repeat(8)));
    expect(effectSchema.parse(effect)).toEqual(effect);
  });
});

describe("in a simulation with a fixed seed, advice given after three failures in a row that changes nothing", () => {
  /** How often the rule says that worthless advice helped, at 20 runs after it. */
  function calledHelpful(leaveOut: boolean): number {
    const random = seededRandom(11);
    let helped = 0;
    const histories = 600;
    for (let history = 0; history < histories; history += 1) {
      const outcomes: RunOutcome[] = [];
      const run = (ordinal: number) => ({
        id: idOf(ordinal),
        timestamp: timestampOf(ordinal),
        success: random() < 0.7,
      });
      while (outcomes.length < 15 || outcomes.slice(-3).some((one) => one.success))
        outcomes.push(run(outcomes.length + 1));
      const recent = outcomes.slice(-15);
      const moment = momentAfter(outcomes.length);
      const baseline = leaveOut
        ? baselineOf(recent, moment)
        : { runs: 15, successes: recent.filter((one) => one.success).length, left_out: 0 };
      const later = Array.from({ length: 20 }, () => random() < 0.7).filter(Boolean).length;
      if (measureEffect(baseline, { runs: 20, successes: later }).verdict === "helped") helped += 1;
    }
    return helped / histories;
  }

  test("is rarely called helpful, and more often where the failures are not left out", () => {
    const [withoutStreak, withStreak] = [calledHelpful(true), calledHelpful(false)];
    expect(withoutStreak).toBeLessThanOrEqual(0.05);
    expect(withStreak).toBeGreaterThan(2 * withoutStreak);
  });
});
