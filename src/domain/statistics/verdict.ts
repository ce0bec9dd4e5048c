import * as z from "zod";
import { formatInstant } from "../run/time.ts";
import { formatHalfEven } from "./rounding.ts";
import type { Counts } from "./statistics.ts";

/** What can be concluded about a change. `too_few_runs` is an answer too: it is too early to say. */
export const verdictSchema = z.enum(["improving", "declining", "steady", "too_few_runs"]);

export type Verdict = z.infer<typeof verdictSchema>;

/**
 * Below this many runs nothing is concluded. The number is our own and comes from no paper: the 95% interval of a rate near
 * one half is as wide as 0.53 at ten runs, and wider below.
 */
export const MIN_RUNS = 10;

export function countOutcomes(outcomes: readonly boolean[]): Counts {
  return { runs: outcomes.length, successes: outcomes.filter(Boolean).length };
}

/**
 * Whether two rates are at least 0.10 apart, or so many tenths: a smaller change is not worth acting on. In whole numbers,
 * so that 0.9 and 0.8 are apart.
 */
export function areApart(first: Counts, second: Counts, tenths = 1): boolean {
  const difference = Math.abs(first.successes * second.runs - second.successes * first.runs);
  return 10 * difference >= tenths * first.runs * second.runs;
}

export function shareText({ runs, successes }: Counts): string {
  return `${successes} of ${runs}`;
}

export function moreRuns(count: number): string {
  return `${count} more ${count === 1 ? "run" : "runs"}`;
}

/** Two decimals; nothing is ever shown as certain. */
export function probabilityText(p: number): string {
  return p >= 0.995 ? "> 0.99" : formatHalfEven(p, 2);
}

/** When a change began: to the minute, for it is an estimate. `undefined` if the run has no readable timestamp. */
export function aboutText(at: number | undefined): string | undefined {
  return at === undefined ? undefined : `about ${formatInstant(at).slice(0, -4)}Z`;
}
