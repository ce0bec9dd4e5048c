import { roundHalfEven } from "../statistics/rounding.ts";
import { type Counts, rateOf, wilsonInterval } from "../statistics/statistics.ts";
import type { Rated } from "./view-model.ts";

/** Rates with four digits: a tenth of a point can be told from the next one, and no model grows by digits. */
const RATE_DIGITS = 4;

/** A rate with its Wilson 95% interval, rounded. */
export function ratedOf({ runs, successes }: Counts): Rated {
  const [low, high] = wilsonInterval({ runs, successes });
  return { runs, successes, rate: roundedRate(rateOf({ runs, successes })), low: rounded(low), high: rounded(high) };
}

export function roundedRate(rate: number | null | undefined): number | null {
  return rate === null || rate === undefined ? null : rounded(rate);
}

/** Of a share, a difference of shares, or an interval of either. */
export function rounded(share: number): number {
  return roundHalfEven(share, RATE_DIGITS);
}

/** Seconds with a tenth. A time that another program wrote may be beyond any clock: JSON has to hold it all the same. */
export function roundedTime(seconds: number | null | undefined): number | null {
  return seconds === null || seconds === undefined || !Number.isFinite(seconds) ? null : roundHalfEven(seconds, 1);
}
