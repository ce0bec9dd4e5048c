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
/** Probabilities that differ by less are equal: the earliest cut among them is taken. */
const TIE = 1e-12;
/** From this probability on a change is said to have happened. */
const LIKELY = 0.5;

/**
 * How likely the runs of a stretch are if nothing changed among them, up to a factor that all ways to cut a series have in
 * common. Of the stretches that end before run `to` it fills in those that begin at run 0 to `to - 3`, each at its place in
 * `row`. The products for 200 runs stay within the range of a double.
 */
export type StretchEvidence = (to: number, row: Float64Array) => void;

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
  const search = new ChangePointSearch(length, evidence);
  for (let run = 0; run < length; run += 1) search.add();
  return search.found();
}

/** The search in a series that grows run by run: what was found out about its beginning need not be found out again. */
export class ChangePointSearch {
  readonly #evidence: StretchEvidence;
  #length = 0;
  /** For each t, the probability of the first t runs: summed over all ways to cut them, and of the likeliest way. */
  readonly #sums: Float64Array;
  readonly #best: Float64Array;
  /** For each t, the last cut of the likeliest way to cut the first t runs; 0 if that way has none. */
  readonly #lastCuts: Uint16Array;
  /** The evidence of the stretches that end with the last run. */
  readonly #row: Float64Array;

  constructor(longest: number, evidence: StretchEvidence) {
    this.#evidence = evidence;
    this.#sums = new Float64Array(longest + 1);
    this.#best = new Float64Array(longest + 1);
    this.#lastCuts = new Uint16Array(longest + 1);
    this.#row = new Float64Array(longest + 1);
    this.#sums[0] = 1;
    this.#best[0] = 1;
  }

  /** Takes in the next run. The sum and the maximum are made at once, since the evidence is what costs. */
  add(): void {
    this.#length += 1;
    const to = this.#length;
    if (to < SHORTEST_STRETCH) return;
    const [best, row, sums] = [this.#best, this.#row, this.#sums];
    this.#evidence(to, row);
    let sum = row[0] ?? 0;
    let highest = sum;
    let lastCut = 0;
    for (let cut = SHORTEST_STRETCH; cut <= to - SHORTEST_STRETCH; cut += 1) {
      const stretch = CHANGE_RATE * (row[cut] ?? 0);
      sum += stretch * (sums[cut] ?? 0);
      const way = stretch * (best[cut] ?? 0);
      if (way > highest * (1 + TIE)) {
        highest = way;
        lastCut = cut;
      }
    }
    sums[to] = sum;
    best[to] = highest;
    this.#lastCuts[to] = lastCut;
  }

  /** The changes in the runs so far. */
  found(): ChangePoints {
    const { likeliest, pChanged } = this.#recentCut();
    const isChanged = pChanged >= LIKELY;
    const before = this.#cutsOf(isChanged ? likeliest : this.#length);
    return { pChanged, isChanged, cuts: isChanged ? [...before, likeliest] : before };
  }

  /** The probability that the last cut is a recent one, and the likeliest of the recent ones. */
  #recentCut() {
    const all = this.#sums[this.#length] ?? 1;
    let pChanged = 0;
    let likeliest = 0;
    let highest = 0;
    const first = Math.max(SHORTEST_STRETCH, this.#length - RECENT_RUNS);
    for (let cut = first; cut <= this.#length - SHORTEST_STRETCH; cut += 1) {
      const weight = (CHANGE_RATE * (this.#sums[cut] ?? 0) * (this.#row[cut] ?? 0)) / all;
      pChanged += weight;
      if (weight > highest + TIE) {
        highest = weight;
        likeliest = cut;
      }
    }
    return { pChanged, likeliest };
  }

  #cutsOf(length: number): number[] {
    const cuts: number[] = [];
    for (let cut = this.#lastCuts[length] ?? 0; cut > 0; cut = this.#lastCuts[cut] ?? 0) cuts.unshift(cut);
    return cuts;
  }
}
