/** How many runs, and how many of them succeeded. */
export interface Counts {
  readonly runs: number;
  readonly successes: number;
}

export type Interval = readonly [low: number, high: number];

/** The 97.5% quantile of the standard normal distribution: two-sided 95%. */
const Z_95 = 1.959963984540054;

/** The share of runs that succeeded, or `undefined` without runs: nobody knows. */
export function rateOf({ runs, successes }: Counts): number | undefined {
  return runs === 0 ? undefined : successes / runs;
}

/**
 * The Wilson score interval (95%) for a rate; `[0, 1]` without runs. Source: E. B. Wilson, "Probable Inference, the Law
 * of Succession, and Statistical Inference" (1927), JASA 22.
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
 * The probability that the rate behind `a` is greater than that behind `b`, each with a uniform prior, in closed form:
 * for A ~ Beta(α, β) and B ~ Beta(γ, δ) with whole parameters,
 * P(A > B) = Σ_{i=0}^{α-1} B(γ + i, β + δ) / ((β + i) · B(1 + i, β) · B(γ, δ)).
 * Source: E. Miller, "Formulas for Bayesian A/B Testing" (2013). Takes time in proportion to `a.successes`.
 */
export function probabilityGreater(a: Counts, b: Counts): number {
  const beta = a.runs - a.successes + 1;
  const gamma = b.successes + 1;
  const delta = b.runs - b.successes + 1;
  const constant = logBeta(gamma, delta);
  let sum = 0;
  for (let i = 0; i <= a.successes; i += 1) {
    sum += Math.exp(logBeta(gamma + i, beta + delta) - Math.log(beta + i) - logBeta(1 + i, beta) - constant);
  }
  return Math.min(1, sum);
}

/** log B(x, y) for whole x, y >= 1. */
function logBeta(x: number, y: number): number {
  return logFactorial(x - 1) + logFactorial(y - 1) - logFactorial(x + y - 1);
}

/** log n!, by multiplication where that is exact, else by Stirling's series (Abramowitz and Stegun, 6.1.41). */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/**
 * The q-quantile of some numbers, interpolated linearly; `undefined` of none. Source: R. J. Hyndman and Y. Fan, "Sample
 * Quantiles in Statistical Packages" (1996), type 7: the default of R and NumPy.
 */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = values.toSorted((x, y) => x - y);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}
