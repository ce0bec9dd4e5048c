import { trendOf } from "../../src/domain/figures/summary.ts";
import { MIN_RUNS, rateChange, splitWindows, type Verdict } from "../../src/domain/statistics/change.ts";
import { median } from "../../src/domain/statistics/statistics.ts";
import { seededRandom } from "./random.ts";

/** How many of the looks at a steady agent called it changed: one look after every run from the tenth on, when both rules have what they need. */
export interface FalseAlarms {
  readonly rate: number;
  readonly looks: number;
  /** Shares of the looks, from 0 to 1. */
  readonly verdict: number;
  readonly adr004Trend: number;
}

/** Looks at the first 100 runs of agents that succeed at one rate throughout. */
export function falseAlarms(rate: number, options: { histories: number; seed: number }): FalseAlarms {
  const random = seededRandom(options.seed);
  const judge = cachedVerdict();
  let looks = 0;
  let verdicts = 0;
  let trends = 0;
  for (let history = 0; history < options.histories; history += 1) {
    const outcomes: boolean[] = [];
    for (let run = 0; run < 100; run += 1) {
      outcomes.push(random() < rate);
      if (outcomes.length < MIN_RUNS) continue;
      looks += 1;
      if (judge(outcomes) !== "steady" && judge(outcomes) !== "too_few_runs") verdicts += 1;
      if (isCalledChanged(outcomes)) trends += 1;
    }
  }
  return { rate, looks, verdict: verdicts / looks, adr004Trend: trends / looks };
}

/** How soon a drop is found, in runs after it. */
export interface Detection {
  readonly found: number;
  readonly medianRuns: number | undefined;
}

/** Agents that succeed at one rate for 60 runs and at another for 40: the share found declining, and after how many runs. */
export function detectDrop(from: number, to: number, options: { histories: number; seed: number }): Detection {
  const random = seededRandom(options.seed);
  const judge = cachedVerdict();
  const foundAfter: number[] = [];
  for (let history = 0; history < options.histories; history += 1) {
    const outcomes = Array.from({ length: 60 }, () => random() < from);
    for (let run = 1; run <= 40; run += 1) {
      outcomes.push(random() < to);
      if (judge(outcomes) !== "declining") continue;
      foundAfter.push(run);
      break;
    }
  }
  return { found: foundAfter.length / options.histories, medianRuns: median(foundAfter) };
}

function isCalledChanged(outcomes: readonly boolean[]): boolean {
  const trend = trendOf(outcomes.slice(-10).map(Number));
  return trend === "up" || trend === "down";
}

/** The rule's verdict, remembered by the four counts that it depends on: the simulation meets each of them many times. */
function cachedVerdict(): (outcomes: readonly boolean[]) => Verdict {
  const known = new Map<string, Verdict>();
  return (outcomes) => {
    const key = windowCounts(outcomes);
    const verdict = known.get(key) ?? rateChange(outcomes).verdict;
    known.set(key, verdict);
    return verdict;
  };
}

function windowCounts(outcomes: readonly boolean[]): string {
  const { recent, before } = splitWindows(outcomes.slice(-LARGEST_WINDOWS));
  const successes = (part: readonly boolean[]) => part.filter(Boolean).length;
  return `${successes(recent)}/${recent.length} ${successes(before)}/${before.length}`;
}

/** Both windows at their largest; from 80 runs on their sizes no longer change. */
const LARGEST_WINDOWS = 80;

/** The table of the manual: the ADR-004 rule against the verdict, for agents that never change. */
export function simulationTable(options: { histories: number; seed: number }): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const rows = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95].map((rate) => {
    const alarms = falseAlarms(rate, options);
    return `| ${Math.round(100 * rate)}% | ${percent(alarms.adr004Trend)} | ${percent(alarms.verdict)} |`;
  });
  return [
    "| steady at | ADR-004 `trend` up or down | verdict improving or declining |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}
