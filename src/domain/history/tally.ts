import type { Execution } from "../run/execution.ts";
import { mergeSums, sumValue } from "../statistics/exact-sum.ts";
import { addMeasure, type Measured, mergeMeasured, nothingMeasured, takeMeasure } from "../statistics/measured.ts";

/** Counters over a set of runs: an abelian group, so the order and grouping of the runs do not matter. */
export interface Tally {
  runs: number;
  successes: number;
  readonly quality: Measured;
  readonly time: Measured;
}

export function emptyTally(): Tally {
  return { runs: 0, successes: 0, quality: nothingMeasured(), time: nothingMeasured() };
}

/** What is counted of a run. */
export type CountedRun = Pick<Execution, "success" | "quality" | "timeS">;

/** Counts one more run, in place. */
export function addToTally<T extends Tally>(tally: T, run: CountedRun): T {
  tally.runs += 1;
  if (run.success) tally.successes += 1;
  if (run.quality !== undefined) addMeasure(tally.quality, run.quality);
  if (run.timeS !== undefined) addMeasure(tally.time, run.timeS);
  return tally;
}

/** Takes out a run that was counted, in place: the sums are exact, so what is left is what would be there without it. */
export function takeFromTally(tally: Tally, run: CountedRun): void {
  tally.runs -= 1;
  if (run.success) tally.successes -= 1;
  if (run.quality !== undefined) takeMeasure(tally.quality, run.quality);
  if (run.timeS !== undefined) takeMeasure(tally.time, run.timeS);
}

/** The counters of both; they stay as they are. */
export function mergeTallies(a: Tally, b: Tally): Tally {
  return {
    runs: a.runs + b.runs,
    successes: a.successes + b.successes,
    quality: mergeMeasured(a.quality, b.quality),
    time: mergeMeasured(a.time, b.time),
  };
}

/** The counters of a whole without a part; both stay as they are. */
export function subtractTally(whole: Tally, part: Tally): Tally {
  return {
    runs: whole.runs - part.runs,
    successes: whole.successes - part.successes,
    quality: subtractMeasured(whole.quality, part.quality),
    time: subtractMeasured(whole.time, part.time),
  };
}

function subtractMeasured(whole: Measured, part: Measured): Measured {
  return {
    count: whole.count - part.count,
    sum: mergeSums(
      whole.sum,
      part.sum.map((partial) => -partial),
    ),
  };
}

/** The arithmetic mean; 0 if no run has the number, as ADR-004 has it. */
export function meanOf(measured: Measured): number {
  return measured.count === 0 ? 0 : sumValue(measured.sum) / measured.count;
}
