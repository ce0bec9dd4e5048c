import { compareSince } from "../../src/domain/coaching/since-then.ts";
import { bayesFactor, CLEAR_FACTOR } from "../../src/domain/statistics/bayes-factor.ts";
import { median } from "../../src/domain/statistics/statistics.ts";
import { judgeTrial, LONGEST_TRIAL } from "../../src/domain/statistics/trial-test.ts";
import { seededRandom } from "./random.ts";
import type { Simulation } from "./simulation.ts";

/** What advice does: the success rate of a run that is shown it or not, and how often such a run gets decided. */
export interface Advice {
  readonly rate: (decided: number, isShown: boolean) => number;
  readonly decidedShare?: (isShown: boolean) => number;
}

export interface TrialOutcome {
  /** Shares of the trials that were ever decided so, with a look after each decided run up to 200. */
  readonly helped: number;
  readonly hurt: number;
  /** Decided runs of both arms until it helped. */
  readonly medianRuns: number | undefined;
}

const SHARE = 0.5;

export function trials({ decidedShare = () => 1, rate }: Advice, { histories, seed }: Simulation): TrialOutcome {
  const random = seededRandom(seed);
  const runsUntilHelped: number[] = [];
  let hurt = 0;
  for (let history = 0; history < histories; history += 1) {
    const shown = { runs: 0, successes: 0 };
    const notShown = { runs: 0, successes: 0 };
    for (let decided = 0; decided < LONGEST_TRIAL; ) {
      const isShown = random() < SHARE;
      const success = random() < rate(decided, isShown);
      if (random() >= decidedShare(isShown)) continue;
      decided += 1;
      const arm = isShown ? shown : notShown;
      arm.runs += 1;
      if (success) arm.successes += 1;
      // Both conditions have to hold, and this one is cheap.
      if (bayesFactor(shown, notShown) < CLEAR_FACTOR) continue;
      const { verdict } = judgeTrial({ shown, notShown }, SHARE);
      if (verdict === "helped") runsUntilHelped.push(decided);
      if (verdict === "hurt") hurt += 1;
      if (verdict === "helped" || verdict === "hurt") break;
    }
  }
  return { helped: runsUntilHelped.length / histories, hurt: hurt / histories, medianRuns: median(runsUntilHelped) };
}

/** How often runs are ever called better, or worse, since advice was adopted, with a look after each of 200 runs. */
export function sinceAdoption(
  before: number,
  after: number,
  { histories, seed }: Simulation,
): { better: number; worse: number } {
  const random = seededRandom(seed);
  const ever = { better_since: 0, worse_since: 0 };
  for (let history = 0; history < histories; history += 1) {
    const earlier = Array.from({ length: 60 }, () => random() < before);
    const baseline = {
      runs: earlier.length,
      successes: earlier.filter(Boolean).length,
      left_out: 0,
      outcomes: earlier.map(Number).join(""),
    };
    const later = { runs: 0, successes: 0 };
    const outcomes: boolean[] = [];
    while (later.runs < 200) {
      const success = random() < after;
      outcomes.push(success);
      later.runs += 1;
      if (success) later.successes += 1;
      if (later.runs < 10 || bayesFactor(baseline, later) < CLEAR_FACTOR) continue;
      const { verdict } = compareSince(baseline, outcomes);
      if (verdict !== "better_since" && verdict !== "worse_since") continue;
      ever[verdict] += 1;
      break;
    }
  }
  return { better: ever.better_since / histories, worse: ever.worse_since / histories };
}
