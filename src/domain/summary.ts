import { addToSum, type ExactSum, mergeSums, sumValue, zeroSum } from "./exact-sum.ts";
import type { Execution } from "./execution.ts";
import type { HistoryView } from "./history.ts";
import { roundHalfEven } from "./rounding.ts";

/** How many of a set of runs reported a number, and its exact sum. */
export interface Measured {
  count: number;
  readonly sum: ExactSum;
}

/** Counters over a set of runs: an abelian group, so the order and grouping of the runs do not matter. */
export interface Tally {
  runs: number;
  successes: number;
  readonly quality: Measured;
  readonly time: Measured;
}

export function emptyTally(): Tally {
  return { runs: 0, successes: 0, quality: { count: 0, sum: zeroSum() }, time: { count: 0, sum: zeroSum() } };
}

/** Counts one more run, in place. */
export function addToTally<T extends Tally>(tally: T, run: Pick<Execution, "success" | "quality" | "timeS">): T {
  tally.runs += 1;
  if (run.success) tally.successes += 1;
  if (run.quality !== undefined) addMeasure(tally.quality, run.quality);
  if (run.timeS !== undefined) addMeasure(tally.time, run.timeS);
  return tally;
}

function addMeasure(measured: Measured, value: number): void {
  measured.count += 1;
  addToSum(measured.sum, value);
}

/** The counters of both; they stay as they are. */
export function mergeTallies(a: Tally, b: Tally): Tally {
  return {
    runs: a.runs + b.runs,
    successes: a.successes + b.successes,
    quality: { count: a.quality.count + b.quality.count, sum: mergeSums(a.quality.sum, b.quality.sum) },
    time: { count: a.time.count + b.time.count, sum: mergeSums(a.time.sum, b.time.sum) },
  };
}

/** Takes a part out again: the sums are exact, so what is left is what would be there without it. */
export function subtractTally(whole: Tally, part: Tally): Tally {
  return {
    runs: whole.runs - part.runs,
    successes: whole.successes - part.successes,
    quality: subtractMeasured(whole.quality, part.quality),
    time: subtractMeasured(whole.time, part.time),
  };
}

function subtractMeasured(whole: Measured, part: Measured): Measured {
  return {
    count: whole.count - part.count,
    sum: mergeSums(
      whole.sum,
      part.sum.map((partial) => -partial),
    ),
  };
}

/** The arithmetic mean; 0 where nobody reported the number, as ADR-004 has it. */
export function meanOf(measured: Measured): number {
  return measured.count === 0 ? 0 : sumValue(measured.sum) / measured.count;
}

export type Trend = "up" | "down" | "stable" | "unknown";

/** What ADR-004 calls the summary: the content of `summary.json`. Rates are fractions of 1, times in seconds. */
export interface Summary {
  readonly agent: string;
  readonly execution_count: number;
  readonly success_rate: number;
  readonly avg_quality_score: number;
  readonly avg_execution_time_s: number;
  /** The last line's timestamp, as written; not the latest. */
  readonly last_execution: string | null;
  readonly trend: { readonly success_rate: Trend; readonly quality_score: Trend };
}

/** ADR-004 rounds every figure of the summary to three decimals. */
const SUMMARY_DECIMALS = 3;
/** ADR-004 compares the last 5 with the 5 before. */
export const TREND_WINDOW = 5;
const TREND_THRESHOLD = 0.05;

/** Reads the ADR-004 summary out of what is live in an agent's history. */
export function summarise(agent: string, view: HistoryView): Summary {
  const { tally } = view;
  return {
    agent,
    execution_count: tally.runs,
    success_rate: roundHalfEven(tally.runs === 0 ? 0 : tally.successes / tally.runs, SUMMARY_DECIMALS),
    avg_quality_score: roundHalfEven(meanOf(tally.quality), SUMMARY_DECIMALS),
    avg_execution_time_s: roundHalfEven(meanOf(tally.time), SUMMARY_DECIMALS),
    last_execution: view.recent.at(-1)?.timestamp ?? null,
    trend: {
      success_rate: trendOf(view.recent.map((run) => (run.success ? 1 : 0))),
      quality_score: trendOf(view.recentQuality),
    },
  };
}

/** ADR-004's trend over the last values, oldest first: five against the up to five before, on the exact means. */
export function trendOf(values: readonly number[]): Trend {
  const recent = values.slice(-TREND_WINDOW);
  const prior = values.slice(-2 * TREND_WINDOW, -TREND_WINDOW);
  if (recent.length === 0) return "unknown";
  if (prior.length === 0) return "stable";
  const difference = mean(recent) - mean(prior);
  if (Math.abs(difference) < TREND_THRESHOLD) return "stable";
  return difference > 0 ? "up" : "down";
}

function mean(values: readonly number[]): number {
  return sumValue(values.reduce(addToSum, zeroSum())) / values.length;
}
