import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addToSum, type ExactSum, mergeSums, sumValue, zeroSum } from "../../src/domain/statistics/exact-sum.ts";

const sumOf = (values: readonly number[]): ExactSum => values.reduce(addToSum, zeroSum());
const measures = fc.array(fc.double({ noNaN: true, min: -1e200, max: 1e200 }), { maxLength: 40 });

/** The nearest double to the exact sum of multiples of 2^-20, by integers. */
function integerSum(values: readonly number[]): number {
  return Number(values.reduce((sum, value) => sum + BigInt(value * 2 ** 20), 0n)) / 2 ** 20;
}

describe("an exact sum", () => {
  test.each([
    [[], 0],
    [[0.1, 0.2, 0.3], 0.6],
    [Array.from({ length: 10 }, () => 0.1), 1],
    [[1e100, 1, -1e100], 1],
    [[1, 1e-16, 1e-16], 1.0000000000000002],
    [[1e16, 1, 1e-16], 10000000000000002],
    [[1e16, 1, -1e-16], 10000000000000000],
  ])("of %j is %d", (values, sum) => {
    expect(sumValue(sumOf(values))).toBe(sum);
  });

  test("does not depend on the order", () => {
    fc.assert(
      fc.property(measures, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (values, keys) => {
        const shuffled = values
          .map((value) => ({ value, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map((pair) => pair.value);
        expect(sumValue(sumOf(shuffled))).toBe(sumValue(sumOf(values)));
      }),
    );
  });

  test("does not depend on how the values are split", () => {
    fc.assert(
      fc.property(measures, fc.nat(40), fc.nat(40), (values, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const parts = [values.slice(0, first), values.slice(first, second), values.slice(second)].map(sumOf);
        const [x = zeroSum(), y = zeroSum(), z = zeroSum()] = parts;
        const whole = sumValue(sumOf(values));
        expect(sumValue(mergeSums(mergeSums(x, y), z))).toBe(whole);
        expect(sumValue(mergeSums(x, mergeSums(y, z)))).toBe(whole);
        expect(sumValue(mergeSums(z, mergeSums(y, x)))).toBe(whole);
      }),
    );
  });

  test("is the double nearest to the sum that integers give", () => {
    const multiples = fc.array(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map((n) => n / 2 ** 20));
    fc.assert(
      fc.property(multiples, (values) => {
        expect(sumValue(sumOf(values)) + 0).toBe(integerSum(values) + 0);
      }),
    );
  });

  test("survives being written as JSON and read again", () => {
    fc.assert(
      fc.property(measures, (values) => {
        const again: ExactSum = JSON.parse(JSON.stringify(sumOf(values)));
        expect(sumValue(again)).toBe(sumValue(sumOf(values)));
      }),
    );
  });
});
