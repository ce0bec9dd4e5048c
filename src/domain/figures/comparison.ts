import { bayesFactor, CLEAR_FACTOR, factorText } from "../statistics/bayes-factor.ts";
import { formatHalfEven } from "../statistics/rounding.ts";
import { type Counts, differenceInterval, type Interval, median, rateOf } from "../statistics/statistics.ts";
import { MIN_RUNS, moreRuns, shareText } from "../statistics/verdict.ts";
import { otherMix, type Tasks } from "./mix.ts";

/** One side of a comparison: an agent, a model, a version, a kind of work. */
export interface Arm extends Counts {
  readonly name: string;
  /** How many of the runs were of which kind of work, if that is known. */
  readonly tasks?: Tasks | undefined;
  /** When the runs ended (ms), if that is known. */
  readonly dates?: readonly number[] | undefined;
}

export interface Comparison {
  /** Rate of the first minus rate of the second; `null` if one has no runs. */
  readonly difference: number | null;
  /** 95% interval of the difference, at this moment. */
  readonly interval: Interval;
  /** How many times likelier two rates made these outcomes than one. */
  readonly bayes_factor: number;
  /** The name of the better side; `null` if that is not clear, or a side has too few runs. */
  readonly winner: string | null;
  readonly evidence: string;
  /** Why the comparison may mislead; `null` if nothing speaks against it. */
  readonly warning: string | null;
}

/**
 * Compares two sides by their success rates. One does better if the Bayes factor reaches 20 for each pair that is compared
 * along with this one, and each side has ten runs: that may be looked at after every run.
 */
export function compareArms(first: Arm, second: Arm, pairs = 1): Comparison {
  const [rateA, rateB] = [rateOf(first), rateOf(second)];
  const difference = rateA === undefined || rateB === undefined ? null : rateA - rateB;
  const interval = differenceInterval(first, second);
  const factor = bayesFactor(first, second);
  const missing = [first, second].filter((arm) => arm.runs < MIN_RUNS);
  const clear = CLEAR_FACTOR * pairs;
  const isClear = missing.length === 0 && factor >= clear && difference !== null && difference !== 0;
  const winner = isClear ? (difference > 0 ? first : second) : undefined;
  const warnings = [mixWarning(first.tasks, second.tasks), timeWarning(first.dates, second.dates)];
  const warning = warnings.filter((text) => text !== undefined).join(" ");
  return {
    difference,
    interval,
    bayes_factor: factor,
    winner: winner?.name ?? null,
    evidence: evidenceOf(first, second, { interval, missing, winner, difference, factor, clear }),
    warning: warning === "" ? null : warning,
  };
}

function mixWarning(first: Tasks | undefined, second: Tasks | undefined): string | undefined {
  const mix = first === undefined || second === undefined ? undefined : otherMix(first, second);
  if (mix === undefined) return undefined;
  return `The kinds of work differ (${mix} of it): compare them task by task before concluding anything.`;
}

/** Sides whose middle runs lie further apart than half the time that both span were not used at the same time. */
function timeWarning(first: readonly number[] = [], second: readonly number[] = []): string | undefined {
  const [middleA, middleB] = [median(first), median(second)];
  if (middleA === undefined || middleB === undefined) return undefined;
  const all = [...first, ...second].sort((a, b) => a - b);
  const span = (all.at(-1) ?? 0) - (all[0] ?? 0);
  if (Math.abs(middleA - middleB) <= span / 2) return undefined;
  return "They were not used at the same time: what else changed meanwhile is in the difference.";
}

function evidenceOf(
  first: Arm,
  second: Arm,
  found: {
    interval: Interval;
    missing: readonly Arm[];
    winner: Arm | undefined;
    difference: number | null;
    factor: number;
    clear: number;
  },
): string {
  const sides = `${first.name} ${shareText(first)}, ${second.name} ${shareText(second)}`;
  if (found.missing.length > 0 || found.difference === null) {
    const needs = found.missing.map((arm) => `${arm.name} needs ${moreRuns(MIN_RUNS - arm.runs)}`);
    return `too few runs: ${sides}; ${needs.join(", ")}`;
  }
  const [low, high] = found.interval.map(points);
  const difference = `difference ${points(found.difference)} points, 95% interval at this moment ${low} to ${high}`;
  const verdict = found.winner === undefined ? "no clear difference" : `${found.winner.name} does better`;
  return `${verdict}: ${sides} (Bayes factor ${factorText(found.factor)}, ${found.clear} is clear; ${difference})`;
}

/** A difference of rates in percentage points, with its sign. */
function points(difference: number): string {
  const text = formatHalfEven(difference * 100, 1).replace(/^-(0\.0)$/, "$1");
  return difference > 0 && text !== "0.0" ? `+${text}` : text;
}
