/** How two samples compare by rank. */
export interface RankTest {
  /** Mann and Whitney's U of the first sample: pairs in which its value is the greater one, ties counted half. */
  readonly u: number;
  /** U as a share of all pairs: the chance that a value of the first sample is the greater one. 0.5 means no difference. */
  readonly share: number;
  /** Two-sided p-value, from 0 to 1. */
  readonly p: number;
}

/** Up to this many values in both samples together, p is counted out exactly; beyond, it is approximated. */
export const EXACT_RANK_TEST_VALUES = 40;

/**
 * The Mann-Whitney test of two samples; `undefined` if one is empty. Ties get the mean of their ranks. Up to
 * `EXACT_RANK_TEST_VALUES` values p is exact: the share of all ways to pick the first sample from the ranks at hand whose
 * U lies at least as far from its mean. Beyond, p is the normal approximation with corrections for ties and continuity.
 * Source: H. B. Mann and D. R. Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger than
 * the Other" (1947); the correction for ties as in E. L. Lehmann, "Nonparametrics" (1975), section 1.4.
 *
 * Stands in for simple-statistics, which gives the rank sum without p, and for jstat, which has no rank test.
 */
export function rankTest(first: readonly number[], second: readonly number[]): RankTest | undefined {
  const pairs = first.length * second.length;
  if (pairs === 0) return undefined;
  const doubledRanks = rankDoubled([...first, ...second]);
  const doubledSum = sum(doubledRanks.slice(0, first.length));
  const u = (doubledSum - first.length * (first.length + 1)) / 2;
  const isSmall = doubledRanks.length <= EXACT_RANK_TEST_VALUES;
  const p = isSmall ? exactP(doubledRanks, first.length, doubledSum) : approximateP(doubledRanks, first.length, u);
  return { u, share: u / pairs, p };
}

/** Twice the rank of each value, from 2, so that the mean rank of a tie is a whole number. */
function rankDoubled(values: readonly number[]): number[] {
  const order = values.map((value, place) => ({ value, place })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (order[end + 1] !== undefined && order[end + 1]?.value === order[start]?.value) end += 1;
    for (const { place } of order.slice(start, end + 1)) ranks[place] = start + end + 2;
    start = end + 1;
  }
  return ranks;
}

/** Counts, by dynamic programming, how many subsets of `size` ranks have each sum. */
function exactP(doubledRanks: readonly number[], size: number, observed: number): number {
  const total = sum(doubledRanks);
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  const [none] = ways;
  if (none !== undefined) none[0] = 1;
  for (const rank of doubledRanks) {
    for (let picked = size; picked >= 1; picked -= 1) addShifted(ways[picked], ways[picked - 1], rank);
  }
  const sums = ways[size] ?? new Float64Array();
  const mean = (size * total) / doubledRanks.length;
  const distance = Math.abs(observed - mean);
  let all = 0;
  let extreme = 0;
  for (const [value, count] of sums.entries()) {
    all += count;
    // Sums are whole and the mean a fraction of a sample size, so half a step of rounding decides nothing.
    if (Math.abs(value - mean) >= distance - 1e-9) extreme += count;
  }
  return extreme / all;
}

function addShifted(to: Float64Array | undefined, from: Float64Array | undefined, shift: number): void {
  if (to === undefined || from === undefined) return;
  for (let at = to.length - 1; at >= shift; at -= 1) to[at] = (to[at] ?? 0) + (from[at - shift] ?? 0);
}

function approximateP(doubledRanks: readonly number[], size: number, u: number): number {
  const all = doubledRanks.length;
  const pairs = size * (all - size);
  const tieSizes = new Map<number, number>();
  for (const rank of doubledRanks) tieSizes.set(rank, (tieSizes.get(rank) ?? 0) + 1);
  const ties = sum([...tieSizes.values()].map((count) => count ** 3 - count));
  const variance = (pairs / 12) * (all + 1 - ties / (all * (all - 1)));
  if (variance <= 0) return 1;
  const distance = Math.max(0, Math.abs(u - pairs / 2) - 0.5);
  return Math.min(1, 2 * normalTail(distance / Math.sqrt(variance)));
}

/**
 * P(Z > z) of the standard normal distribution for z >= 0, absolute error below 1e-7. Source: Abramowitz and Stegun,
 * "Handbook of Mathematical Functions" (1964), 26.2.17.
 */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const polynomial = series.reduceRight((value, coefficient) => (value + coefficient) * t, 0);
  return (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
