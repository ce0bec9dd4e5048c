import fc from "fast-check";
import { expect, it } from "vitest";
import { addToTally, emptyTally, type Tally } from "../../src/domain/history/tally.ts";
import { sumValue } from "../../src/domain/statistics/exact-sum.ts";
import { PartialDay } from "../../src/storage/shared/partial-day.ts";

const number = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined });
const run = fc.record({ at: fc.nat(9), success: fc.boolean(), quality: number, timeS: number });

const figuresOf = ({ runs, successes, quality, time }: Tally) => ({
  ...{ runs, successes, rated: quality.count, timed: time.count },
  ...{ quality: sumValue(quality.sum), time: sumValue(time.sum) },
});

it("counts the runs that are live at any cutoff, whichever way the clock goes", () => {
  fc.assert(
    fc.property(fc.array(run), fc.array(fc.nat(10), { minLength: 1 }), (runs, cutoffs) => {
      const day = new PartialDay();
      for (const { at, ...counted } of runs) day.add(at, counted);
      for (const cutoff of cutoffs) {
        const live = emptyTally();
        for (const run of runs) if (run.at >= cutoff) addToTally(live, run);
        expect(figuresOf(day.liveAt(cutoff))).toEqual(figuresOf(live));
      }
    }),
  );
});
