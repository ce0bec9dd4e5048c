import { expect, test } from "vitest";
import { calibrate, type SeenRun } from "../../../src/domain/evidence/calibration.ts";
import type { Seen } from "../../../src/domain/evidence/evidence.ts";

function runs(seen: Seen, successes: number, failures: number, undecided = 0): SeenRun[] {
  const some = (count: number, verdict: boolean | undefined) =>
    Array.from({ length: count }, () => ({ seen, verdict }));
  return [...some(successes, true), ...some(failures, false), ...some(undecided, undefined)];
}

test("a class has a hit rate once ten of its runs have a verdict", () => {
  expect(calibrate(runs("green", 9, 0, 50)).hitRates).toEqual([]);
  const [green] = calibrate(runs("green", 31, 3, 50)).hitRates;
  expect(green).toMatchObject({ seen: "green", runs: 34, successes: 31, rate: 31 / 34 });
  // Wilson's 95% interval of 31 in 34, by the formula with exact fractions.
  expect(green?.interval[0]).toBeCloseTo(0.770395, 6);
  expect(green?.interval[1]).toBeCloseTo(0.969534, 6);
});

test("the estimated rate weighs each class by its share, and is told only if each class has a rate", () => {
  const known = [...runs("green", 9, 1, 10), ...runs("untested", 5, 5, 30)];
  expect(calibrate(known).estimatedRate).toBeCloseTo((20 * 0.9 + 40 * 0.5) / 60, 12);
  expect(calibrate([...known, ...runs("stale", 1, 0)]).estimatedRate).toBeUndefined();
  expect(calibrate([]).estimatedRate).toBeUndefined();
});
