import type { StretchEvidence } from "./change-point.ts";

/**
 * The evidence for a stretch with one success rate, whose density is 2p at first: agents succeed more often than not.
 * It is 2 (k + 1)! (n - k)! / (n + 2)! for k successes of n runs, that is 2 / ((n + 2) C(n + 1, k + 1)).
 */
export function rateEvidence(outcomes: readonly boolean[]): StretchEvidence {
  const successes = runningSums(outcomes.map(Number));
  const binomials = binomialsUpTo(outcomes.length + 1);
  return (from, to) => {
    const runs = to - from;
    const chosen = (successes[to] ?? 0) - (successes[from] ?? 0) + 1;
    return 2 / ((runs + 2) * (binomials[runs + 1]?.[chosen] ?? 1));
  };
}

/**
 * The evidence for a stretch of values around one level, from their scores: exp(S² / (2(n + 1))) / sqrt(n + 1), where S is
 * the sum of n scores. Source: unit-information prior of R. E. Kass and L. Wasserman (1995), JASA 90.
 */
export function levelEvidence(scores: readonly number[]): StretchEvidence {
  const sums = runningSums(scores);
  const roots = Array.from({ length: scores.length + 2 }, (_, more) => 1 / Math.sqrt(more));
  return (from, to) => {
    const root = roots[to - from + 1] ?? 0;
    const scaled = ((sums[to] ?? 0) - (sums[from] ?? 0)) * root;
    return Math.exp((scaled * scaled) / 2) * root;
  };
}

/**
 * Ranks as scores with mean 0 and standard deviation 1; equal values share the mean of their ranks. So one extreme value
 * weighs no more than any other. All are 0 if all values are equal.
 */
export function rankScores(values: readonly number[]): number[] {
  const ranks = midRanks(values);
  const centre = (values.length + 1) / 2;
  const spread = Math.sqrt(ranks.reduce((sum, rank) => sum + (rank - centre) ** 2, 0) / values.length);
  return ranks.map((rank) => (spread === 0 ? 0 : (rank - centre) / spread));
}

function midRanks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const ranks = new Map<number, number>();
  for (let first = 0; first < sorted.length; ) {
    const value = sorted[first] ?? 0;
    const after = sorted.lastIndexOf(value) + 1;
    ranks.set(value, (first + 1 + after) / 2);
    first = after;
  }
  return values.map((value) => ranks.get(value) ?? 0);
}

function runningSums(values: readonly number[]): number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return sums;
}

/** Pascal's triangle as far as it was asked for. */
const triangle: number[][] = [[1]];

function binomialsUpTo(n: number): readonly (readonly number[])[] {
  for (let row = triangle.length; row <= n; row += 1) {
    const above = triangle[row - 1] ?? [];
    triangle.push(Array.from({ length: row + 1 }, (_, place) => (above[place - 1] ?? 0) + (above[place] ?? 0)));
  }
  return triangle;
}
