import { formatHalfEven } from "../statistics/rounding.ts";
import type { Stats } from "./stats.ts";

/** A success rate, and how many of the runs behind it were verified. */
export interface SuccessRate {
  readonly runs: number;
  readonly rate: number | null;
  readonly verified: number;
}

export function successRateOf({ success, verified }: Pick<Stats, "success" | "verified">): SuccessRate {
  return { runs: success.runs, rate: success.rate, verified: verified.runs };
}

/**
 * What the outcomes behind a rate are: "6 verified, the rest as claimed". A reader of two pages about an agent finds the
 * same rate on both, in the same words.
 */
export function outcomeKind({ runs, verified }: SuccessRate): string {
  if (verified === 0) return "as claimed";
  return verified === runs ? "as verified" : `${verified} verified, the rest as claimed`;
}

/** What the outcomes are, in the words of an agent that reads about itself: "6 checked, the rest as reported". */
export function checkedKind({ runs, verified }: SuccessRate): string {
  if (verified === 0) return "as reported";
  return verified === runs ? "all checked" : `${verified} checked, the rest as reported`;
}

export function rateText(rate: number | null): string {
  return rate === null ? "n/a" : `${formatHalfEven(rate * 100, 1)}%`;
}
