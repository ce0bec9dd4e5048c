import { type MeasureKind, measureChange } from "../../src/domain/figures/measure.ts";
import { median } from "../../src/domain/statistics/statistics.ts";
import { MIN_RUNS } from "../../src/domain/statistics/verdict.ts";
import { seededRandom } from "./random.ts";
import { CHANGE_AFTER, type Detection, type Simulation } from "./simulation.ts";

/** Quality scores around 0.7, with a standard deviation of 0.1. */
const SPREAD = 0.1;
const quality: MeasureKind = { moreIsBetter: true, smallestDifference: () => 0.02, format: String };

/** How often scores whose level never changes are ever called changed, with a look after each of the runs 10 to 100. */
export function everCalledChanged({ histories, seed }: Simulation): number {
  const random = seededRandom(seed);
  let ever = 0;
  for (let history = 0; history < histories; history += 1) {
    const runs = Array.from({ length: 100 }, () => scored(random, 0.7));
    for (let run = MIN_RUNS; run <= runs.length; run += 1) {
      const { verdict } = measureChange(runs.slice(0, run), quality);
      if (verdict === "steady") continue;
      ever += 1;
      break;
    }
  }
  return ever / histories;
}

/** How soon scores are called declining that fall by one standard deviation after 60 runs. */
export function shiftDetection({ histories, seed }: Simulation): Detection {
  const random = seededRandom(seed);
  const delays: number[] = [];
  for (let history = 0; history < histories; history += 1) {
    const runs = Array.from({ length: 100 }, (_, run) => scored(random, run < CHANGE_AFTER ? 0.7 : 0.7 - SPREAD));
    for (let run = CHANGE_AFTER + 1; run <= runs.length; run += 1) {
      if (measureChange(runs.slice(0, run), quality).verdict !== "declining") continue;
      delays.push(run - CHANGE_AFTER);
      break;
    }
  }
  return { found: delays.length / histories, medianDelay: median(delays) };
}

/** A value of the normal distribution, by G. E. P. Box and M. E. Muller (1958). */
function scored(random: () => number, level: number) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return { value: level + SPREAD * normal, timestamp: null };
}
