/**
 * Where a series of runs changed: Bayesian change points in one variable, by recursion over all ways to cut the series.
 * Sources: P. Fearnhead, "Exact and efficient Bayesian inference for multiple changepoint problems" (2006), Statistics and
 * Computing 16; D. Barry and J. A. Hartigan, "Product partition models for change point problems" (1992), Annals of
 * Statistics 20. A change is expected every 250 runs, and a stretch between two changes has at least 3.
 */
const CHANGE_RATE = 1 / 250;
const SHORTEST_STRETCH = 3;
/** A change counts as recent if its first run is one of so many last ones. */
const RECENT_RUNS = 60;
/** Probabilities whose ratio differs from 1 by less are equal: the earliest cut among them is taken. */
const TIE = 1e-12;
/** From this probability on a change is said to have happened. */
const LIKELY = 0.5;

/**
 * The probability of runs `from` (included) to `to` (excluded) if nothing changed among them, up to a factor that the
 * ways to cut a series have in common. 200 runs keep it and their products within the range of a double.
 */
export type StretchEvidence = (from: number, to: number) => number;

export interface ChangePoints {
  /** The probability that the last change lies behind one of the last 60 runs. */
  readonly pChanged: number;
  /** Whether that is at least a half. */
  readonly isChanged: boolean;
  /** How many runs stand before each change, ascending; the last one is the recent change if there is one. */
  readonly cuts: readonly number[];
}

/** Finds the changes in a series of `length` runs, at most 200: the time goes with the square of the length. */
export function changePoints(length: number, evidence: StretchEvidence): ChangePoints {
  const { lastCuts, sums } = sweep(length, evidence);
  const { likeliest, pChanged } = recentCut(sums, evidence);
  const isChanged = pChanged >= LIKELY;
  const before = cutsOf(lastCuts, isChanged ? likeliest : length);
  return { pChanged, isChanged, cuts: isChanged ? [...before, likeliest] : before };
}

interface Sweep {
  /** For each t, the probability of the first t runs over all ways to cut them. */
  readonly sums: readonly number[];
  /** For each t, the last cut of the likeliest way to cut the first t runs; 0 if that way has none. */
  readonly lastCuts: readonly number[];
}

/** The sum and the maximum over all ways at once, since the evidence of a stretch is what costs. */
function sweep(length: number, evidence: StretchEvidence): Sweep {
  const sums = [1, 0, 0];
  const best = [1, 0, 0];
  const lastCuts = [0, 0, 0];
  for (let to = SHORTEST_STRETCH; to <= length; to += 1) {
    let sum = evidence(0, to);
    let highest = sum;
    let lastCut = 0;
    for (let cut = SHORTEST_STRETCH; cut <= to - SHORTEST_STRETCH; cut += 1) {
      const stretch = CHANGE_RATE * evidence(cut, to);
      sum += stretch * (sums[cut] ?? 0);
      const way = stretch * (best[cut] ?? 0);
      if (way > highest * (1 + TIE)) {
        highest = way;
        lastCut = cut;
      }
    }
    sums.push(sum);
    best.push(highest);
    lastCuts.push(lastCut);
  }
  return { sums, lastCuts };
}

/** The probability that the last cut is a recent one, and the likeliest of the recent ones. */
function recentCut(sums: readonly number[], evidence: StretchEvidence) {
  const length = sums.length - 1;
  const all = sums[length] ?? 1;
  let pChanged = 0;
  let likeliest = 0;
  let highest = 0;
  for (let cut = Math.max(SHORTEST_STRETCH, length - RECENT_RUNS); cut <= length - SHORTEST_STRETCH; cut += 1) {
    const weight = (CHANGE_RATE * (sums[cut] ?? 0) * evidence(cut, length)) / all;
    pChanged += weight;
    if (weight > highest + TIE) {
      highest = weight;
      likeliest = cut;
    }
  }
  return { pChanged, likeliest };
}

function cutsOf(lastCuts: readonly number[], length: number): number[] {
  const cuts: number[] = [];
  for (let cut = lastCuts[length] ?? 0; cut > 0; cut = lastCuts[cut] ?? 0) cuts.unshift(cut);
  return cuts;
}
