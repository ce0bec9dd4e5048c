import { bayesFactor, CLEAR_FACTOR } from "./bayes-factor.ts";
import { type Counts, rateOf } from "./statistics.ts";

/** The decided runs of a trial, by what the coin said. */
export interface TrialCounts {
  readonly shown: Counts;
  readonly notShown: Counts;
}

export interface TrialResult {
  /** E values: how strongly the coin is tied to successes, and to failures. */
  readonly helps: number;
  readonly hurts: number;
  readonly bayesFactor: number;
  readonly verdict: "helped" | "hurt" | "no_clear_effect" | "running";
}

/** A trial ends without a result at so many decided runs. */
export const LONGEST_TRIAL = 200;

/** Success rates that are tried, lower and higher, in hundredths; at least ten points lie between the two. */
const RATES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95];
const PAIRS = RATES.flatMap((low) =>
  RATES.filter((high) => high - low >= 10).map((high) => [low / 100, high / 100] as const),
);

/**
 * Judges a trial by its four counts, at any moment. `share` is the probability with which a run was shown the advice.
 *
 * E bets on the coin given the outcome: the mean, over pairs of rates, of the likelihood ratio of the coin's sides against
 * the share that they were thrown with. If the advice does nothing its expectation stays 1, whatever else makes outcomes
 * better or worse meanwhile, so that it ever reaches 20 in at most one of 20 trials (J. Ville, 1939). Conditional form of
 * R. J. Turner, A. Ly, P. Grünwald, "Generic e-variables for exact sequential k-sample tests" (2024), JSPI 230.
 * The Bayes factor of both arms has to reach 20 as well.
 */
export function judgeTrial({ shown, notShown }: TrialCounts, share: number): TrialResult {
  const helps = meanLikelihoodRatio({ shown, notShown }, share, (low, high) => [high, low]);
  const hurts = meanLikelihoodRatio({ shown, notShown }, share, (low, high) => [low, high]);
  const factor = bayesFactor(shown, notShown);
  const difference = (rateOf(shown) ?? 0) - (rateOf(notShown) ?? 0);
  const isClear = factor >= CLEAR_FACTOR;
  const decided = shown.runs + notShown.runs;
  const result = { helps, hurts, bayesFactor: factor };
  if (isClear && helps >= CLEAR_FACTOR && difference > 0) return { ...result, verdict: "helped" };
  if (isClear && hurts >= CLEAR_FACTOR && difference < 0) return { ...result, verdict: "hurt" };
  return { ...result, verdict: decided >= LONGEST_TRIAL ? "no_clear_effect" : "running" };
}

function meanLikelihoodRatio(
  { shown, notShown }: TrialCounts,
  share: number,
  ratesOf: (low: number, high: number) => readonly [shown: number, notShown: number],
): number {
  let sum = 0;
  for (const [low, high] of PAIRS) {
    const [with_, without] = ratesOf(low, high);
    const success = share * with_ + (1 - share) * without;
    sum += Math.exp(
      shown.successes * Math.log(with_ / success) +
        (shown.runs - shown.successes) * Math.log((1 - with_) / (1 - success)) +
        notShown.successes * Math.log(without / success) +
        (notShown.runs - notShown.successes) * Math.log((1 - without) / (1 - success)),
    );
  }
  return sum / PAIRS.length;
}
