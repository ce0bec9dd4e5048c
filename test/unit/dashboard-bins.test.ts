import fc from "fast-check";
import { expect, test } from "vitest";
import { binsOf } from "../../src/domain/dashboard/bins.ts";

const histories = fc.array(fc.boolean(), { maxLength: 200 });
const cuts = fc.array(fc.integer({ min: -5, max: 210 }), { maxLength: 6 });

test("bins hold every run once, in order, and none has a cut inside", () => {
  fc.assert(
    fc.property(histories, cuts, (outcomes, places) => {
      const bins = binsOf(outcomes, places);
      expect(bins.flatMap(({ from, to }) => outcomes.slice(from, to))).toEqual(outcomes);
      for (const { from, low, high, rate, runs, successes, to } of bins) {
        expect(runs).toBe(to - from);
        expect(successes).toBe(outcomes.slice(from, to).filter(Boolean).length);
        expect(places.filter((place) => place > from && place < to)).toEqual([]);
        expect(low).toBeLessThanOrEqual(rate ?? -1);
        expect(high).toBeGreaterThanOrEqual(rate ?? 2);
      }
    }),
  );
});

test("bins have about 20 runs", () => {
  fc.assert(
    fc.property(histories, (outcomes) => {
      for (const { runs } of binsOf(outcomes, [])) expect(runs).toBeLessThanOrEqual(29);
    }),
  );
  expect(
    binsOf(
      Array.from({ length: 200 }, () => true),
      [],
    ).map(({ runs }) => runs),
  ).toEqual(Array(10).fill(20));
  expect(binsOf([], [])).toEqual([]);
});
