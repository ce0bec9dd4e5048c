import { addToSum, type ExactSum, mergeSums, zeroSum } from "./exact-sum.ts";

/** How many of a set of runs reported a number, and its exact sum. */
export interface Measured {
  count: number;
  readonly sum: ExactSum;
}

export function nothingMeasured(): Measured {
  return { count: 0, sum: zeroSum() };
}

/** Adds the number of one more run, in place. */
export function addMeasure(measured: Measured, value: number): void {
  measured.count += 1;
  addToSum(measured.sum, value);
}

/** Takes out the number of a run, in place: the sum is exact, so what is left is what would be there without it. */
export function takeMeasure(measured: Measured, value: number): void {
  measured.count -= 1;
  addToSum(measured.sum, -value);
}

/** The numbers of both; they stay as they are. */
export function mergeMeasured(a: Measured, b: Measured): Measured {
  return { count: a.count + b.count, sum: mergeSums(a.sum, b.sum) };
}
