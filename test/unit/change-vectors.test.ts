import { describe, expect, test } from "vitest";
import { type MeasureKind, measureChange } from "../../src/domain/figures/measure.ts";
import { rateChange } from "../../src/domain/figures/rate-change.ts";
import { bayesFactor } from "../../src/domain/statistics/bayes-factor.ts";
import type { Counts } from "../../src/domain/statistics/statistics.ts";
import { judgeTrial } from "../../src/domain/statistics/trial-test.ts";
import type { Verdict } from "../../src/domain/statistics/verdict.ts";
import { readFixture } from "../support/fixtures.ts";
import { judgedRuns } from "../support/judged-runs.ts";

interface Found {
  readonly p_changed: number | null;
  readonly changes_after: readonly number[];
  readonly verdict: Verdict;
}

interface Vectors {
  readonly verdict: readonly (Found & { readonly outcomes: string })[];
  readonly measure: readonly (Found & { readonly values: readonly number[]; readonly more_is_better: boolean })[];
  readonly bayes_factor: readonly { readonly before: Counts; readonly after: Counts; readonly bayes_factor: number }[];
  readonly trial: readonly {
    readonly share: number;
    readonly shown: Counts;
    readonly not_shown: Counts;
    readonly helps: number;
    readonly hurts: number;
    readonly bayes_factor: number;
    readonly verdict: string;
  }[];
}

// Exact values, made by another implementation in another language.
const vectors = readFixture<Vectors>("change-vectors.json");

function expectFound(
  actual: { pChanged: number | null; changes: readonly { after: number }[]; verdict: Verdict },
  expected: Found,
): void {
  expect(actual.verdict).toBe(expected.verdict);
  expect(actual.changes.map(({ after }) => after)).toEqual(expected.changes_after);
  if (expected.p_changed === null) expect(actual.pChanged).toBeNull();
  else expect(actual.pChanged).toBeCloseTo(expected.p_changed, 9);
}

/** Large numbers are as exact as small ones. */
function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

describe("to nine digits as another implementation has it", () => {
  test.each(vectors.verdict.map((vector, index) => ({ index, vector })))("is the verdict $index", ({ vector }) => {
    const window = judgedRuns(vector.outcomes.replaceAll("1", "+").replaceAll("0", "-")).slice(-200);
    expectFound(rateChange(window), vector);
  });

  test.each(vectors.measure.map((vector, index) => ({ index, vector })))("is the measure $index", ({ vector }) => {
    const kind: MeasureKind = {
      moreIsBetter: vector.more_is_better,
      smallestDifference: () => 0,
      format: String,
    };
    const runs = vector.values.map((value) => ({ value, timestamp: null }));
    expectFound(measureChange(runs.slice(-200), kind), vector);
  });

  test.each(vectors.bayes_factor.map((vector, index) => ({ index, vector })))("is the Bayes factor $index", (one) => {
    const { after, bayes_factor, before } = one.vector;
    expectNear(bayesFactor(before, after), bayes_factor);
  });

  test.each(vectors.trial.map((vector, index) => ({ index, vector })))("is the trial $index", ({ vector }) => {
    const { shown, not_shown: notShown, share } = vector;
    const result = judgeTrial({ shown, notShown }, share);
    expectNear(result.helps, vector.helps);
    expectNear(result.hurts, vector.hurts);
    expectNear(result.bayesFactor, vector.bayes_factor);
    expect(result.verdict).toBe(vector.verdict);
  });
});
