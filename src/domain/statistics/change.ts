import * as z from "zod";
import { formatHalfEven } from "./rounding.ts";
import { type Counts, probabilityGreater, rateOf } from "./statistics.ts";

/** What can be concluded about a change. `too_few_runs` is an answer too: it is too early to say. */
export const verdictSchema = z.enum(["improving", "declining", "steady", "too_few_runs"]);

export type Verdict = z.infer<typeof verdictSchema>;

/** Below this many runs nothing is concluded. */
export const MIN_RUNS = 10;
/** A change is called at this probability, on either side, ... */
const SURE = 0.975;
/** ... and only where the rates differ by at least this much: a sure but tiny change is not worth acting on. */
const MIN_DIFFERENCE = 0.1;

/** The last values and what came before them, oldest first. */
export interface Windows<T> {
  readonly recent: readonly T[];
  readonly before: readonly T[];
}

const SMALLEST_RECENT = 5;
const LARGEST_RECENT = 20;
const LARGEST_BEFORE = 60;

/** The last w = clamp(floor(n / 3), 5, 20) values against the up to 60 before them. */
export function splitWindows<T>(values: readonly T[]): Windows<T> {
  const width = Math.min(LARGEST_RECENT, Math.max(SMALLEST_RECENT, Math.floor(values.length / 3)));
  const start = Math.max(0, values.length - width);
  return { recent: values.slice(start), before: values.slice(Math.max(0, start - LARGEST_BEFORE), start) };
}

/** A rate's change between two windows, and what it is concluded from. */
export interface RateChange {
  readonly recent: Counts;
  readonly before: Counts;
  /** P(rate recent > rate before), uniform priors; `null` where one window is empty. */
  readonly pRecentGreater: number | null;
  readonly verdict: Verdict;
  readonly evidence: string;
}

/** Compares the outcomes (true: success) of the last runs with those before them. Looks at the last 80 only. */
export function rateChange(outcomes: readonly boolean[]): RateChange {
  const windows = splitWindows(outcomes);
  const recent = countOutcomes(windows.recent);
  const before = countOutcomes(windows.before);
  const isEmpty = recent.runs === 0 || before.runs === 0;
  const pRecentGreater = isEmpty ? null : probabilityGreater(recent, before);
  const verdict = judge(recent, before, pRecentGreater);
  return { recent, before, pRecentGreater, verdict, evidence: rateEvidence(verdict, recent, before, pRecentGreater) };
}

export function countOutcomes(outcomes: readonly boolean[]): Counts {
  return { runs: outcomes.length, successes: outcomes.filter(Boolean).length };
}

function judge(recent: Counts, before: Counts, p: number | null): Verdict {
  if (recent.runs + before.runs < MIN_RUNS || p === null) return "too_few_runs";
  const direction = surelyDiffers(recent, before, p);
  return direction === 0 ? "steady" : direction > 0 ? "improving" : "declining";
}

/** 1 where the first rate is surely and noticeably the greater one, -1 where it is the smaller one, else 0. */
export function surelyDiffers(first: Counts, second: Counts, pFirstGreater: number): -1 | 0 | 1 {
  const difference = (rateOf(first) ?? 0) - (rateOf(second) ?? 0);
  // The rates are fractions of small whole numbers: 0.9 - 0.8 has to count as 0.10.
  if (Math.abs(difference) < MIN_DIFFERENCE - 1e-12) return 0;
  if (pFirstGreater >= SURE) return 1;
  return pFirstGreater <= 1 - SURE ? -1 : 0;
}

/** P is the probability that the rate has moved the way it seems to have moved: 0.5 says nothing, 1 would be certain. */
function rateEvidence(verdict: Verdict, recent: Counts, before: Counts, p: number | null): string {
  if (verdict === "too_few_runs" || p === null) {
    const runs = recent.runs + before.runs;
    return `too few runs: ${recent.successes + before.successes} of ${runs} succeeded, ${moreRuns(MIN_RUNS - runs)} needed`;
  }
  const sureness = probabilityText(Math.max(p, 1 - p));
  return `${verdict}: ${shareText(recent)} recent, ${shareText(before)} before (P ${sureness})`;
}

export function shareText({ runs, successes }: Counts): string {
  return `${successes} of ${runs}`;
}

export function moreRuns(count: number): string {
  return `${count} more ${count === 1 ? "run" : "runs"}`;
}

/** Three decimals; nothing is ever shown as certain. */
export function probabilityText(p: number): string {
  if (p >= 0.9995) return "> 0.999";
  return p < 0.0005 ? "< 0.001" : formatHalfEven(p, 3);
}

/** How far the failure rate may lie above its reference before the CUSUM begins to climb. */
const CUSUM_ALLOWANCE = 0.15;
/** How high it has to climb for an alarm. */
const CUSUM_LIMIT = 2;

/**
 * The index of the run since which a decline is suspected, or `undefined`. A Bernoulli CUSUM over failures: S rises by
 * 1 - q - k with a failure and falls by q + k with a success, never below 0, where q is the failure rate before and
 * k = 0.15. An alarm is S >= 2; the decline is dated to the run after S was last 0 before it. Source: E. S. Page,
 * "Continuous Inspection Schemes" (1954), Biometrika 41; for Bernoulli data M. R. Reynolds and Z. G. Stoumbos (1999).
 *
 * The last alarm counts. `rateBefore` is the success rate that counts as normal.
 */
export function decliningSince(outcomes: readonly boolean[], rateBefore: number): number | undefined {
  let climbed = 0;
  let start = 0;
  let alarm: number | undefined;
  for (const [index, success] of outcomes.entries()) {
    climbed = Math.max(0, climbed + rateBefore - (success ? 1 : 0) - CUSUM_ALLOWANCE);
    if (climbed === 0) start = index + 1;
    else if (climbed >= CUSUM_LIMIT) alarm = start;
  }
  return alarm;
}
