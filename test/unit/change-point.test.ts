import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changePoints } from "../../src/domain/statistics/change-point.ts";
import { levelEvidence, rankScores, rateEvidence } from "../../src/domain/statistics/stretch-evidence.ts";

/** Every way to cut so many runs into stretches of at least three, as the places of the cuts. */
function everyWay(runs: number): number[][] {
  const ways: number[][] = [[]];
  for (let last = 3; last <= runs - 3; last += 1) ways.push(...everyWay(last).map((cuts) => [...cuts, last]));
  return ways;
}

/** The probability that a stretch has these outcomes, by the integral of 2p · p^k · (1 - p)^(n - k). */
function evidenceByHand(stretch: readonly boolean[]): number {
  const successes = stretch.filter(Boolean).length;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  return (2 * factorial(successes + 1) * factorial(stretch.length - successes)) / factorial(stretch.length + 2);
}

/** The probability of a recent change, with every way to cut the series written out. */
function pChangedByHand(outcomes: readonly boolean[]): number {
  let all = 0;
  let changed = 0;
  for (const cuts of everyWay(outcomes.length)) {
    const ends = [...cuts, outcomes.length];
    const stretches = ends.map((end, index) => outcomes.slice(ends[index - 1] ?? 0, end));
    const weight = stretches.reduce((product, stretch) => product * evidenceByHand(stretch), 250 ** -cuts.length);
    all += weight;
    if ((cuts.at(-1) ?? 0) > 0) changed += weight;
  }
  return changed / all;
}

describe("the recursion", () => {
  test("gives what all ways to cut a short series give, written out", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 16 }), (outcomes) => {
        const { pChanged } = changePoints(outcomes.length, rateEvidence(outcomes));
        expect(pChanged).toBeCloseTo(pChangedByHand(outcomes), 12);
      }),
      { numRuns: 30 },
    );
  });

  test("finds nothing in nothing", () => {
    expect(changePoints(0, rateEvidence([]))).toEqual({ pChanged: 0, isChanged: false, cuts: [] });
    expect(changePoints(2, rateEvidence([true, false]))).toEqual({ pChanged: 0, isChanged: false, cuts: [] });
  });

  test("finds each of several changes", () => {
    const outcomes = [
      ...Array<boolean>(50).fill(true),
      ...Array<boolean>(40).fill(false),
      ...Array<boolean>(20).fill(true),
    ];
    expect(changePoints(110, rateEvidence(outcomes))).toEqual({
      pChanged: expect.closeTo(1, 5),
      isChanged: true,
      cuts: [50, 90],
    });
  });

  test("calls a change of more than 60 runs ago an old one", () => {
    const outcomes = [...Array<boolean>(50).fill(true), ...Array<boolean>(61).fill(false)];
    const { cuts, isChanged, pChanged } = changePoints(111, rateEvidence(outcomes));
    expect({ cuts, isChanged }).toEqual({ cuts: [50], isChanged: false });
    expect(pChanged).toBeLessThan(0.1);
    expect(changePoints(110, rateEvidence(outcomes)).isChanged).toBe(true);
  });

  test("takes the earliest of cuts that are equally likely", () => {
    const evidence = (to: number, row: Float64Array) => {
      // Until the last run no cut is worth anything; then each of them is, and the same.
      for (let from = 0; from < to; from += 1) row[from] = to < 20 ? Number(from === 0) : from === 0 ? 1e-9 : 1;
    };
    expect(changePoints(20, evidence)).toEqual({ pChanged: expect.closeTo(1, 6), isChanged: true, cuts: [3] });
  });

  test("stays within the range of a double over 200 runs", () => {
    const half = Array.from({ length: 200 }, (_, run) => run % 2 === 0);
    const { pChanged } = changePoints(200, rateEvidence(half));
    expect(pChanged).toBeGreaterThan(0);
    expect(pChanged).toBeLessThan(0.1);
    const apart = Array.from({ length: 200 }, (_, run) => (run < 150 ? 0 : 100) + ((run * 7) % 10));
    expect(changePoints(200, levelEvidence(rankScores(apart))).cuts.at(-1)).toBe(150);
  });
});

describe("the scores of values", () => {
  test("are their ranks, with mean 0 and standard deviation 1, and equal ones share a rank", () => {
    // Ranks 1, 2.5, 2.5, 4: their mean is 2.5 and their standard deviation the root of 1.125.
    const far = 1.5 / Math.sqrt(1.125);
    expect(rankScores([3, 7, 7, 1000])).toEqual([-far, 0, 0, far]);
  });

  test("are 0 of values that are all the same", () => {
    expect(rankScores([0.85, 0.85, 0.85])).toEqual([0, 0, 0]);
    expect(rankScores([])).toEqual([]);
  });
});
