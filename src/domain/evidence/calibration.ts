import { type Counts, type Interval, rateOf, wilsonInterval } from "../statistics/statistics.ts";
import { type Seen, seenSchema } from "./evidence.ts";

/** So many runs of a class need a verdict before its hit rate is told. */
const MIN_VERDICTS = 10;

/** A run of which something was seen, and what CI or a person found of it; `undefined` if neither has said anything. */
export interface SeenRun {
  readonly seen: Seen;
  readonly verdict: boolean | undefined;
}

/** How often runs of a class were right, by CI or a person. */
export interface HitRate extends Counts {
  readonly seen: Seen;
  readonly rate: number;
  /** Wilson's, 95%. */
  readonly interval: Interval;
}

export interface Calibration {
  /** Of each class with at least ten verdicts, in the order of the classes. */
  readonly hitRates: readonly HitRate[];
  /**
   * The share of runs that succeeded, if the runs without a verdict succeed as often as those of their class that have one:
   * the sum over the classes of the class's share times its rate. `undefined` unless each class that has runs has a rate.
   */
  readonly estimatedRate: number | undefined;
}

/** What the classes of what is seen were worth on this agent's own runs. */
export function calibrate(runs: readonly SeenRun[]): Calibration {
  const classes = seenSchema.options.map((seen) => {
    const ofClass = runs.filter((run) => run.seen === seen);
    const judged = ofClass.filter(({ verdict }) => verdict !== undefined);
    const counts = { runs: judged.length, successes: judged.filter(({ verdict }) => verdict === true).length };
    return { seen, all: ofClass.length, hit: hitRateOf(seen, counts) };
  });
  const present = classes.filter(({ all }) => all > 0);
  const isWhole = present.length > 0 && present.every(({ hit }) => hit !== undefined);
  const sum = present.reduce((total, { all, hit }) => total + all * (hit?.rate ?? 0), 0);
  return {
    hitRates: classes.flatMap(({ hit }) => hit ?? []),
    estimatedRate: isWhole ? sum / runs.length : undefined,
  };
}

function hitRateOf(seen: Seen, counts: Counts): HitRate | undefined {
  const rate = rateOf(counts);
  if (rate === undefined || counts.runs < MIN_VERDICTS) return undefined;
  return { seen, ...counts, rate, interval: wilsonInterval(counts) };
}
