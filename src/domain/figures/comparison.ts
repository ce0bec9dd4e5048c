import { MIN_RUNS, moreRuns, shareText } from "../statistics/change.ts";
import { formatHalfEven } from "../statistics/rounding.ts";
import { type Counts, differenceInterval, type Interval, rateOf } from "../statistics/statistics.ts";

/** One side of a comparison: an agent, a model, a version, a kind of work. */
export interface Arm extends Counts {
  readonly name: string;
  /** How many of the runs were of which kind of work, where that is known. */
  readonly tasks?: ReadonlyMap<string, number> | undefined;
}

export interface Comparison {
  /** Rate of the first minus rate of the second; `null` where one has no runs. */
  readonly difference: number | null;
  /** 95% interval of the difference. */
  readonly interval: Interval;
  /** The name of the better side; `null` where the interval covers 0 or a side has too few runs. */
  readonly winner: string | null;
  readonly evidence: string;
  /** Why the comparison may mislead; `null` where nothing speaks against it. */
  readonly warning: string | null;
}

/** Compares two sides by their success rates. There is no winner without evidence: ten runs a side, and a difference. */
export function compareArms(first: Arm, second: Arm): Comparison {
  const [rateA, rateB] = [rateOf(first), rateOf(second)];
  const difference = rateA === undefined || rateB === undefined ? null : rateA - rateB;
  const interval = differenceInterval(first, second);
  const missing = [first, second].filter((arm) => arm.runs < MIN_RUNS);
  const isSure = missing.length === 0 && (interval[0] > 0 || interval[1] < 0);
  const winner = isSure ? (interval[0] > 0 ? first : second) : undefined;
  return {
    difference,
    interval,
    winner: winner?.name ?? null,
    evidence: evidenceOf(first, second, { interval, missing, winner, difference }),
    warning: taskMixWarning(first, second),
  };
}

function evidenceOf(
  first: Arm,
  second: Arm,
  found: { interval: Interval; missing: readonly Arm[]; winner: Arm | undefined; difference: number | null },
): string {
  const sides = `${first.name} ${shareText(first)}, ${second.name} ${shareText(second)}`;
  if (found.missing.length > 0 || found.difference === null) {
    const needs = found.missing.map((arm) => `${arm.name} needs ${moreRuns(MIN_RUNS - arm.runs)}`);
    return `too few runs: ${sides}; ${needs.join(", ")}`;
  }
  const [low, high] = found.interval.map(points);
  const measured = `${sides} (difference ${points(found.difference)} points, 95% interval ${low} to ${high})`;
  return `${found.winner === undefined ? "no clear difference" : `${found.winner.name} does better`}: ${measured}`;
}

/** A difference of rates in percentage points, with its sign. */
function points(difference: number): string {
  const text = formatHalfEven(difference * 100, 1).replace(/^-(0\.0)$/, "$1");
  return difference > 0 && text !== "0.0" ? `+${text}` : text;
}

/** From this share of differently distributed work on, a difference may come from the work and not from the agent. */
const DIFFERENT_MIX = 0.2;

function taskMixWarning(first: Arm, second: Arm): string | null {
  if (first.tasks === undefined || second.tasks === undefined) return null;
  const distance = totalVariation(first.tasks, second.tasks);
  if (distance <= DIFFERENT_MIX) return null;
  const percent = formatHalfEven(distance * 100, 0);
  return `The kinds of work differ (${percent}% of it): compare them task by task before concluding anything.`;
}

/** The total variation distance of two distributions: the share of the work that would have to be of another kind. */
function totalVariation(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const total = (tasks: ReadonlyMap<string, number>) => [...tasks.values()].reduce((sum, runs) => sum + runs, 0);
  const [totalA, totalB] = [total(a), total(b)];
  if (totalA === 0 || totalB === 0) return 0;
  let distance = 0;
  for (const task of new Set([...a.keys(), ...b.keys()])) {
    distance += Math.abs((a.get(task) ?? 0) / totalA - (b.get(task) ?? 0) / totalB);
  }
  return distance / 2;
}
