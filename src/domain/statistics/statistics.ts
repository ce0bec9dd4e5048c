/** How many runs, and how many of them succeeded. */
export interface Counts {
  readonly runs: number;
  readonly successes: number;
}

export type Interval = readonly [low: number, high: number];

/** The 97.5% quantile of the standard normal distribution: two-sided 95%. */
const Z_95 = 1.959963984540054;

/** The share of runs that succeeded, from 0 to 1; `undefined` without runs. */
export function rateOf({ runs, successes }: Counts): number | undefined {
  return runs === 0 ? undefined : successes / runs;
}

/**
 * The Wilson score interval (95%) for a rate; `[0, 1]` without runs. Source: E. B. Wilson, "Probable Inference, the Law
 * of Succession, and Statistical Inference" (1927), JASA 22.
 *
 * Stands in for simple-statistics and jstat: neither has this interval, nor the one for a difference.
 */
export function wilsonInterval({ runs, successes }: Counts): Interval {
  if (runs === 0) return [0, 1];
  const rate = successes / runs;
  const z2 = Z_95 ** 2;
  const centre = rate + z2 / (2 * runs);
  const spread = Z_95 * Math.sqrt((rate * (1 - rate)) / runs + z2 / (4 * runs ** 2));
  const scale = 1 + z2 / runs;
  // At the ends the formula gives 0 and 1 exactly; in floating point only nearly.
  const low = successes === 0 ? 0 : (centre - spread) / scale;
  const high = successes === runs ? 1 : (centre + spread) / scale;
  return [low, high];
}

/**
 * The interval (95%) for the difference of two independent rates, `a - b`, built from their Wilson intervals: Newcombe's
 * method 10. Source: R. G. Newcombe, "Interval Estimation for the Difference between Independent Proportions" (1998),
 * Statistics in Medicine 17. `[-1, 1]` where one side has no runs.
 */
export function differenceInterval(a: Counts, b: Counts): Interval {
  const [rateA, rateB] = [rateOf(a), rateOf(b)];
  if (rateA === undefined || rateB === undefined) return [-1, 1];
  const [lowA, highA] = wilsonInterval(a);
  const [lowB, highB] = wilsonInterval(b);
  const difference = rateA - rateB;
  return [difference - Math.hypot(rateA - lowA, highB - rateB), difference + Math.hypot(highA - rateA, rateB - lowB)];
}

/**
 * The q-quantile of some numbers, interpolated linearly; `undefined` of none. Source: R. J. Hyndman and Y. Fan, "Sample
 * Quantiles in Statistical Packages" (1996), type 7: the default of R and NumPy.
 */
export function quantile(values: readonly number[], q: number): number | undefined {
  // Typed arrays sort numbers as numbers, and several times as fast.
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}
