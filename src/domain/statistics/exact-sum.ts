/**
 * A sum of doubles without rounding, kept as non-overlapping partial sums, so that it does not depend on the order or
 * grouping of what was added: a commutative monoid. Source: J. R. Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic and Fast Robust Geometric Predicates" (1997); the rounding of the read-out as in Python's `math.fsum`.
 *
 * Stands in for `sum` of simple-statistics, which rounds, so that no value can be taken out again exactly.
 */
export type ExactSum = number[];

export function zeroSum(): ExactSum {
  return [];
}

/** Adds a value to the sum, in place: a history of a million runs adds two million of them. */
export function addToSum(sum: ExactSum, value: number): ExactSum {
  let kept = 0;
  let x = value;
  for (let index = 0; index < sum.length; index += 1) {
    const partial = sum[index] ?? 0;
    const isLarger = Math.abs(x) >= Math.abs(partial);
    const large = isLarger ? x : partial;
    const small = isLarger ? partial : x;
    const high = large + small;
    const low = small - (high - large);
    if (low !== 0) sum[kept++] = low;
    x = high;
  }
  // Nearly always as many partial sums are left as there were: setting a length that is right already takes its time.
  if (x !== 0) sum[kept++] = x;
  if (kept !== sum.length) sum.length = kept;
  return sum;
}

/** The sum of two sums; both stay as they are. */
export function mergeSums(a: ExactSum, b: ExactSum): ExactSum {
  return b.reduce(addToSum, [...a]);
}

/** The double nearest to the exact sum, ties to even. */
export function sumValue(sum: ExactSum): number {
  let index = sum.length - 1;
  let high = sum[index] ?? 0;
  let low = 0;
  while (index > 0) {
    const before = high;
    const next = sum[--index] ?? 0;
    high = before + next;
    low = next - (high - before);
    if (low !== 0) break;
  }
  // `high` was rounded half to even on its own; what lies below a tie decides it.
  const below = sum[index - 1] ?? 0;
  if (index > 0 && ((low < 0 && below < 0) || (low > 0 && below > 0))) {
    const doubled = low * 2;
    const corrected = high + doubled;
    if (doubled === corrected - high) return corrected;
  }
  return high;
}
