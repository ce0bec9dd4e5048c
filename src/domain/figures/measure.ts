import { MIN_RUNS, probabilityText, splitWindows, type Verdict } from "../statistics/change.ts";
import { rankTest } from "../statistics/rank-test.ts";
import { median } from "../statistics/statistics.ts";

/** How a measured number changed between two windows, and what that is concluded from. */
export interface MeasureChange {
  /** Two-sided, by the rank test; `null` where one window is empty. */
  readonly pValue: number | null;
  readonly verdict: Verdict;
  readonly evidence: string;
}

export interface MeasureKind {
  /** Whether more is better (quality) or worse (time). */
  readonly moreIsBetter: boolean;
  /** Shows a value with its unit. */
  readonly format: (value: number) => string;
}

/** A change is called below this p-value. */
const SIGNIFICANT = 0.05;

/**
 * Compares the last reported values with those before them, in the same windows as success rates, on ranks: a single
 * extreme value decides nothing. The medians have to have moved as well, or the evidence would not show the change.
 * `values` are those reported among the last runs, oldest first.
 */
export function measureChange(values: readonly number[], kind: MeasureKind): MeasureChange {
  const { recent, before } = splitWindows(values);
  const test = rankTest(recent, before);
  if (values.length === 0) return { pValue: null, verdict: "too_few_runs", evidence: "n/a: not reported" };
  if (values.length < MIN_RUNS || test === undefined) {
    const evidence = `too few runs: reported by ${values.length}, ${MIN_RUNS - values.length} more needed`;
    return { pValue: test?.p ?? null, verdict: "too_few_runs", evidence };
  }
  const shift = Math.sign((median(recent) ?? 0) - (median(before) ?? 0));
  const verdict = shift === Math.sign(test.share - 0.5) ? judge(test.p, shift > 0 === kind.moreIsBetter) : "steady";
  const windows = `median ${shown(recent, kind)} of ${recent.length} recent, ${shown(before, kind)} of ${before.length} before`;
  return { pValue: test.p, verdict, evidence: `${verdict}: ${windows} (p ${probabilityText(test.p)})` };
}

function judge(p: number, isBetter: boolean): Verdict {
  if (p >= SIGNIFICANT) return "steady";
  return isBetter ? "improving" : "declining";
}

function shown(values: readonly number[], kind: MeasureKind): string {
  return kind.format(median(values) ?? 0);
}
