import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EXACT_RANK_TEST_VALUES, rankTest } from "../../src/domain/statistics/rank-test.ts";
import {
  type Counts,
  differenceInterval,
  median,
  quantile,
  wilsonInterval,
} from "../../src/domain/statistics/statistics.ts";
import { readFixture } from "../support/fixtures.ts";

interface Vectors {
  readonly wilson_95: readonly (Counts & { readonly interval: [number, number] })[];
  readonly mann_whitney_two_sided_exact: readonly {
    readonly recent: readonly number[];
    readonly before: readonly number[];
    readonly u: number;
    readonly p: number;
  }[];
}

const vectors = readFixture<Vectors>("statistics-vectors.json");
const counts = fc.nat(300).chain((runs) => fc.record({ runs: fc.constant(runs), successes: fc.nat(runs) }));

function expectNear(actual: number | undefined, expected: number, tolerance = 1e-9): void {
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(tolerance);
}

describe("the Wilson interval", () => {
  test.each(vectors.wilson_95)("of $successes in $runs is exact", ({ interval: [low, high], ...counted }) => {
    const actual = wilsonInterval(counted);
    expectNear(actual[0], low);
    expectNear(actual[1], high);
  });

  test("without runs is everything", () => {
    expect(wilsonInterval({ runs: 0, successes: 0 })).toEqual([0, 1]);
  });

  test("holds the rate, stays within 0 and 1, and mirrors failures", () => {
    fc.assert(
      fc.property(counts, ({ runs, successes }) => {
        const [low, high] = wilsonInterval({ runs, successes });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        if (runs > 0) {
          expect(low - 1e-12).toBeLessThanOrEqual(successes / runs);
          expect(high + 1e-12).toBeGreaterThanOrEqual(successes / runs);
        }
        const mirrored = wilsonInterval({ runs, successes: runs - successes });
        expectNear(mirrored[0], 1 - high, 1e-12);
        expectNear(mirrored[1], 1 - low, 1e-12);
      }),
    );
  });

  test("narrows with ten times the runs", () => {
    const width = ([low, high]: readonly [number, number]) => high - low;
    expect(width(wilsonInterval({ runs: 100, successes: 80 }))).toBeLessThan(
      width(wilsonInterval({ runs: 10, successes: 8 })),
    );
  });
});

describe("the interval of a difference", () => {
  test.each([
    // Newcombe (1998), table II, method 10.
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 10, 0.6075, 1],
  ])("of %d/%d and %d/%d is as published", (successesA, runsA, successesB, runsB, low, high) => {
    const actual = differenceInterval({ runs: runsA, successes: successesA }, { runs: runsB, successes: successesB });
    expectNear(actual[0], low, 5.1e-5);
    expectNear(actual[1], high, 5.1e-5);
  });

  test("mirrors when the sides are exchanged", () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [low, high] = differenceInterval(a, b);
        const [mirroredLow, mirroredHigh] = differenceInterval(b, a);
        expectNear(mirroredLow, -high, 1e-12);
        expectNear(mirroredHigh, -low, 1e-12);
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("the rank test", () => {
  test.each(vectors.mann_whitney_two_sided_exact)("is exact with U $u", ({ recent, before, u, p }) => {
    const actual = rankTest(recent, before);
    expectNear(actual?.u, u);
    expectNear(actual?.p, p);
  });

  test("says nothing where one side is empty", () => {
    expect(rankTest([], [1])).toBeUndefined();
    expect(rankTest([1], [])).toBeUndefined();
  });

  test("finds no difference between values that are all the same", () => {
    expect(rankTest([1, 1, 1], [1, 1, 1, 1])).toEqual({ u: 6, share: 0.5, p: 1 });
    const many = Array.from({ length: 60 }, () => 0.5);
    expect(rankTest(many.slice(0, 20), many)).toEqual({ u: 600, share: 0.5, p: 1 });
  });

  const scores = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 35 });

  test("gives the same p when the sides are exchanged, and depends on ranks alone", () => {
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        const one = rankTest(a, b);
        const other = rankTest(b, a);
        const stretched = rankTest(a.map(Math.exp), b.map(Math.exp));
        expectNear(other?.p, one?.p ?? -1, 1e-9);
        expectNear((one?.share ?? 0) + (other?.share ?? 0), 1, 1e-12);
        expect(stretched).toEqual(one);
        expect(one?.p).toBeGreaterThan(0);
        expect(one?.p).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("approximates p closely where it stops counting it out", () => {
    const half = EXACT_RANK_TEST_VALUES / 2;
    const a = Array.from({ length: half }, (_, index) => index * 2);
    for (const shift of [1, 5, 9, 15]) {
      const b = Array.from({ length: half }, (_, index) => index * 2 + shift);
      const exact = rankTest(a, b)?.p ?? -1;
      const approximate = rankTest([...a, 19.5], [...b, 19.5 + shift])?.p ?? -1;
      expectNear(approximate, exact, 0.05);
    }
  });

  test.each([
    // Anchored: 20 values wholly below 60 others; and U for values that interleave evenly.
    [Array.from({ length: 20 }, (_, i) => i), Array.from({ length: 60 }, (_, i) => 100 + i), 0, 4.0e-11],
    [Array.from({ length: 30 }, (_, i) => 2 * i), Array.from({ length: 30 }, (_, i) => 2 * i + 1), 435, 0.83],
  ])("of larger samples is the normal approximation", (a, b, u, p) => {
    const actual = rankTest(a, b);
    expect(actual?.u).toBe(u);
    expectNear(actual?.p, p, 0.01);
  });
});

describe("a quantile", () => {
  test.each([
    [[], 0.5, undefined],
    [[3], 0.9, 3],
    [[4, 1, 3, 2], 0.5, 2.5],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9.1],
    [[1, 2, 3], 0, 1],
    [[1, 2, 3], 1, 3],
  ])("of %j at %d is %s", (values, q, expected) => {
    expect(quantile(values, q)).toBe(expected);
  });

  test("lies among the values, and the median leaves half on each side", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
        const middle = median(values) ?? Number.NaN;
        expect(middle).toBeGreaterThanOrEqual(Math.min(...values));
        expect(middle).toBeLessThanOrEqual(Math.max(...values));
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });
});
