import type { StretchEvidence } from "./change-point.ts";

/**
 * The evidence for a stretch with one success rate, whose density is 2p at first: agents succeed more often than not.
 * It is 2 (k + 1)! (n - k)! / (n + 2)! for k successes of n runs.
 */
export function rateEvidence(outcomes: readonly boolean[]): StretchEvidence {
  const successes = runningSums(outcomes.map(Number));
  const evidence = rateTable(outcomes.length);
  return (to, row) => {
    const until = successes[to] ?? 0;
    for (let from = 0; from < to; from += 1) {
      row[from] = evidence[placeOf(to - from, until - (successes[from] ?? 0))] ?? 0;
    }
  };
}

/**
 * The evidence for a stretch of values around one level, from their scores: exp(S² / (2(n + 1))) / sqrt(n + 1), where S is
 * the sum of n scores. Source: unit-information prior of R. E. Kass and L. Wasserman (1995), JASA 90.
 */
export function levelEvidence(scores: readonly number[]): StretchEvidence {
  const sums = runningSums(scores);
  const shrinkage = Float64Array.from({ length: scores.length + 1 }, (_, runs) => 1 / Math.sqrt(runs + 1));
  return (to, row) => {
    const until = sums[to] ?? 0;
    for (let from = 0; from < to; from += 1) {
      const root = shrinkage[to - from] ?? 0;
      const scaled = (until - (sums[from] ?? 0)) * root;
      row[from] = Math.exp((scaled * scaled) / 2) * root;
    }
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
  const sorted = Float64Array.from(values).sort();
  const ranks = new Map<number, number>();
  for (let first = 0; first < sorted.length; ) {
    let last = first;
    while (sorted[last + 1] === sorted[first]) last += 1;
    ranks.set(sorted[first] ?? 0, (first + last) / 2 + 1);
    first = last + 1;
  }
  return values.map((value) => ranks.get(value) ?? 0);
}

function runningSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [index, value] of values.entries()) sums[index + 1] = (sums[index] ?? 0) + value;
  return sums;
}

/** What is known already of stretches with one rate, for all stretches up to a length. */
let knownTable = new Float64Array();

function rateTable(longest: number): Float64Array {
  if (knownTable.length <= placeOf(longest, longest)) {
    knownTable = new Float64Array(placeOf(longest, longest) + 1);
    for (let runs = 0; runs <= longest; runs += 1) {
      let evidence = 2 / ((runs + 1) * (runs + 2));
      for (let successes = 0; successes <= runs; successes += 1) {
        knownTable[placeOf(runs, successes)] = evidence;
        evidence *= (successes + 2) / (runs - successes);
      }
    }
  }
  return knownTable;
}

/** Where so many successes of so many runs stand in the table. */
function placeOf(runs: number, successes: number): number {
  return (runs * (runs + 1)) / 2 + successes;
}
