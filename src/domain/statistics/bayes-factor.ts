import { logFactorial } from "./log-factorial.ts";
import { formatHalfEven } from "./rounding.ts";
import type { Counts } from "./statistics.ts";

/** How often two stretches have to be likelier made by two rates than by one, before a difference is said to be there. */
export const CLEAR_FACTOR = 20;

/**
 * How many times likelier two rates made these two groups of runs than one rate, every rate held equally likely at first.
 * Source: H. Jeffreys, "Theory of Probability" (1961), 5.1. Looked at after every run it stays honest: under one rate its
 * expectation is 1, so that it reaches 20 in at most one of 20 series (J. Ville, 1939).
 */
export function bayesFactor(first: Counts, second: Counts): number {
  const both = { runs: first.runs + second.runs, successes: first.successes + second.successes };
  // Of a hundred thousand runs it may be beyond a double; JSON has no word for that.
  return Math.min(Number.MAX_VALUE, Math.exp(logEvidence(first) + logEvidence(second) - logEvidence(both)));
}

/** Rounded down, so that what is shown as 20 is 20: one decimal while it is small, and a bound where digits say nothing. */
export function factorText(factor: number): string {
  if (factor > 999) return "> 999";
  if (factor < 0.1) return "< 0.1";
  return factor < 10 ? formatHalfEven(Math.floor(factor * 10) / 10, 1) : String(Math.floor(factor));
}

/** ln of the probability of such outcomes in their order, over all rates. */
function logEvidence({ runs, successes }: Counts): number {
  return logFactorial(successes) + logFactorial(runs - successes) - logFactorial(runs + 1);
}
