import { type HistoryView, TREND_WINDOW } from "../history/history.ts";
import { meanOf } from "../history/tally.ts";
import { addToSum, sumValue, zeroSum } from "../statistics/exact-sum.ts";
import { roundHalfEven } from "../statistics/rounding.ts";

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
      success_rate: trendOf(view.recent.slice(-2 * TREND_WINDOW).map((run) => (run.success ? 1 : 0))),
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
