import { type JudgedRun, rateChange } from "../../src/domain/figures/rate-change.ts";
import { trendOf } from "../../src/domain/figures/summary.ts";
import { ChangePointSearch, changePoints } from "../../src/domain/statistics/change-point.ts";
import { median } from "../../src/domain/statistics/statistics.ts";
import { rateEvidence } from "../../src/domain/statistics/stretch-evidence.ts";
import { MIN_RUNS, type Verdict } from "../../src/domain/statistics/verdict.ts";
import { seededRandom } from "./random.ts";

/** How many histories are made up, from which seed on. */
export interface Simulation {
  readonly histories: number;
  readonly seed: number;
}

/** Makes the outcomes of one history. */
export type MakeRuns = (random: () => number) => JudgedRun[];

/** The window of a verdict. */
const WINDOW = 200;

const claim = (success: boolean): JudgedRun => ({ timestamp: null, success, isVerified: false });
export const steadyRuns = (rate: number, runs: number) => (random: () => number) =>
  Array.from({ length: runs }, () => claim(random() < rate));

/** What the verdict says after each run of a history from the tenth on. */
function* looksAt(runs: readonly JudgedRun[]): Generator<{ run: number; verdict: Verdict; evidence: string }> {
  const isChanged = screen(runs.map((run) => run.success));
  for (let run = 1; run <= runs.length; run += 1) {
    const mayHaveChanged = isChanged(run);
    if (run < MIN_RUNS) continue;
    const found = mayHaveChanged ? rateChange(runs.slice(Math.max(0, run - WINDOW), run)) : undefined;
    yield { run, verdict: found?.verdict ?? "steady", evidence: found?.evidence ?? "" };
  }
}

/**
 * Whether a look is worth the whole rule: most looks find no change, and a series that grows costs little to look at. Up to
 * 200 runs it gives the rule's own probability. Beyond, it holds up to 200 runs more than the window, which says nearly the
 * same: from a bound on that is far below the one that counts, the window itself is asked.
 */
function screen(outcomes: readonly boolean[]): (run: number) => boolean {
  let begin = 0;
  let search = searchIn(outcomes.slice(0, 2 * WINDOW));
  return (run) => {
    if (run - begin > 2 * WINDOW) {
      begin += WINDOW;
      search = searchIn(outcomes.slice(begin, begin + 2 * WINDOW));
      for (let older = begin + 1; older < run; older += 1) search.add();
    }
    search.add();
    if (run < MIN_RUNS) return false;
    const { isChanged, pChanged } = search.found();
    if (run <= WINDOW || pChanged < 0.25) return isChanged;
    return changePoints(WINDOW, rateEvidence(outcomes.slice(run - WINDOW, run))).isChanged;
  };
}

function searchIn(outcomes: readonly boolean[]): ChangePointSearch {
  return new ChangePointSearch(outcomes.length, rateEvidence(outcomes));
}

const isChange = (verdict: Verdict) => verdict === "improving" || verdict === "declining";

/** How often agents whose rate never changes are called changed, with a look after each run from the tenth on. */
export interface FalseAlarms {
  /** Shares of the looks, and of the histories. */
  readonly looks: number;
  readonly ever: number;
  readonly adr004Looks: number;
  /** Times that the verdict became a change, per 1,000 runs. */
  readonly episodes: number;
  /** Of the histories that were ever called changed: the share in which the text said that outcomes come in streaks. */
  readonly warned: number;
}

export function falseAlarms(make: MakeRuns, { histories, seed }: Simulation): FalseAlarms {
  const random = seededRandom(seed);
  const counted = { looks: 0, changed: 0, ever: 0, trends: 0, episodes: 0, warned: 0 };
  for (let history = 0; history < histories; history += 1) {
    const runs = make(random);
    let before = false;
    let ever = false;
    let warned = false;
    for (const { evidence, run, verdict } of looksAt(runs)) {
      const changed = isChange(verdict);
      counted.looks += 1;
      if (changed) counted.changed += 1;
      if (changed && !before) counted.episodes += 1;
      before = changed;
      ever ||= changed;
      warned ||= evidence.includes("come in streaks");
      if (isCalledChanged(runs, run)) counted.trends += 1;
    }
    if (ever) counted.ever += 1;
    if (warned) counted.warned += 1;
  }
  return {
    looks: counted.changed / counted.looks,
    ever: counted.ever / histories,
    adr004Looks: counted.trends / counted.looks,
    episodes: (1_000 * counted.episodes) / counted.looks,
    warned: counted.warned / Math.max(1, counted.ever),
  };
}

/** The rule of ADR-004: the last five runs against the five before. */
function isCalledChanged(runs: readonly JudgedRun[], run: number): boolean {
  const trend = trendOf(runs.slice(run - 10, run).map(({ success }) => Number(success)));
  return trend === "up" || trend === "down";
}

/** How soon a change is found that happens after 60 runs. */
export interface Detection {
  /** Share of the histories in which it is found within 40 runs. */
  readonly found: number;
  /** In runs after the change, among those. */
  readonly medianDelay: number | undefined;
}

export const CHANGE_AFTER = 60;
const FOUND_WITHIN = 40;

/** Agents that succeed at one rate for 60 runs and at another for 40. */
export const changingRuns = (from: number, to: number) => (random: () => number) =>
  Array.from({ length: CHANGE_AFTER + FOUND_WITHIN }, (_, run) => claim(random() < (run < CHANGE_AFTER ? from : to)));

/** How often, and how soon after run 60, a verdict is first given; it may stand for something that is not there. */
export function firstFound(make: MakeRuns, verdict: Verdict, { histories, seed }: Simulation): Detection {
  const random = seededRandom(seed);
  const delays: number[] = [];
  for (let history = 0; history < histories; history += 1) {
    for (const look of looksAt(make(random))) {
      if (look.run <= CHANGE_AFTER || look.verdict !== verdict) continue;
      delays.push(look.run - CHANGE_AFTER);
      break;
    }
  }
  return { found: delays.length / histories, medianDelay: median(delays) };
}

/** Agents that always claim nine of ten, and truly do six of ten: checks begin at run 60, of a share of the runs. */
export const checkingBegins = (share: number) => (random: () => number) =>
  Array.from({ length: CHANGE_AFTER + FOUND_WITHIN }, (_, run): JudgedRun => {
    const claimed = random() < 0.9;
    const truly = random() < 0.6 / 0.9;
    const isVerified = run >= CHANGE_AFTER && random() < share;
    return { timestamp: null, success: isVerified ? claimed && truly : claimed, isVerified };
  });

/** Agents that succeed at a rate, where a run repeats the outcome before it with this probability: lag 1 is as large. */
export const streakyRuns = (rate: number, lag: number, runs: number) => (random: () => number) => {
  let success = random() < rate;
  return Array.from({ length: runs }, () => {
    if (random() >= lag) success = random() < rate;
    return claim(success);
  });
};

/** Agents whose rate moves evenly from one value to another. */
export const driftingRuns = (from: number, to: number, runs: number) => (random: () => number) =>
  Array.from({ length: runs }, (_, run) => claim(random() < from + ((to - from) * run) / (runs - 1)));
