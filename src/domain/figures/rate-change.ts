import type { Counts } from "../statistics/statistics.ts";
import { rateEvidence } from "../statistics/stretch-evidence.ts";
import {
  areApart,
  countOutcomes,
  MIN_RUNS,
  moreRuns,
  probabilityText,
  shareText,
  type Verdict,
} from "../statistics/verdict.ts";
import { type Change, type CutWindow, cutWindow, type DatedRun, sinceText } from "./changes.ts";
import { otherMix, tasksOf } from "./mix.ts";
import { comeInStreaks } from "./streaks.ts";

/** A run with the outcome that counts. */
export interface JudgedRun extends DatedRun {
  readonly success: boolean;
  /** Whether the outcome was verified; otherwise it is the agent's claim. */
  readonly isVerified: boolean;
  readonly task?: string | undefined;
}

/** How a success rate changed, and what that is concluded from. */
export interface RateChange {
  /** The probability that the rate changed among the last 60 runs; `null` without runs. */
  readonly pChanged: number | null;
  readonly changes: readonly Change[];
  readonly since: Counts;
  readonly before: Counts | null;
  readonly verdict: Verdict;
  /** As the first run of the decline wrote it; `null` unless the verdict is a decline. */
  readonly decliningSince: string | null;
  readonly evidence: string;
}

/**
 * Whether the rate of some outcomes changed. `runs` are the last live runs, oldest first, at most 200. The probability
 * supposes one change in 250 independent runs. It is made again from the outcomes of today, so a change that was shown
 * may be gone tomorrow.
 */
export function rateChange(runs: readonly JudgedRun[]): RateChange {
  const window = cutWindow(runs, rateEvidence(runs.map((run) => run.success)));
  const since = countsOf(window.since);
  const before = window.before === undefined ? null : countsOf(window.before);
  const found = verdictOf(window, since, before, runs.length);
  const obstacle = isChange(found) ? incomparable(window, runs, found) : undefined;
  const verdict = obstacle === undefined ? found : "steady";
  return {
    pChanged: runs.length === 0 ? null : window.pChanged,
    changes: window.changes,
    since,
    before,
    verdict,
    decliningSince: verdict === "declining" ? (window.since[0]?.timestamp ?? null) : null,
    evidence: obstacle ?? withWarnings(evidenceOf(verdict, window, since, before), verdict, window, runs),
  };
}

function countsOf(runs: readonly JudgedRun[]): Counts {
  return countOutcomes(runs.map((run) => run.success));
}

function isChange(verdict: Verdict): verdict is "improving" | "declining" {
  return verdict === "improving" || verdict === "declining";
}

function verdictOf(window: CutWindow<JudgedRun>, since: Counts, before: Counts | null, runs: number): Verdict {
  if (runs < MIN_RUNS) return "too_few_runs";
  if (!window.isChanged || before === null || !areApart(since, before)) return "steady";
  return since.successes * before.runs > before.successes * since.runs ? "improving" : "declining";
}

/** P is the probability of a change among the last 60 runs. */
function evidenceOf(verdict: Verdict, window: CutWindow<JudgedRun>, since: Counts, before: Counts | null): string {
  if (verdict === "too_few_runs") {
    const all = countsOf([...(window.before ?? []), ...window.since]);
    return `too few runs: ${shareText(all)} succeeded, ${moreRuns(MIN_RUNS - all.runs)} needed`;
  }
  if (before === null) return `steady: ${shareText(since)} succeeded`;
  if (verdict === "steady") return `steady: ${shareText(since)} ${sinceText(window)}, ${shareText(before)} before`;
  const sureness = probabilityText(window.pChanged);
  return `${verdict} ${sinceText(window)}: ${shareText(since)}, before that ${shareText(before)} (P ${sureness})`;
}

/** From this difference in the share of verified runs on, in tenths, two stretches are not compared. */
const OTHER_VERIFICATION = 2;

/**
 * Why two stretches cannot be compared, or `undefined` if they can: claims are kinder than verifications, so a rate seems
 * to change as soon as verifications begin. Verified outcomes alone, ten or more, may still show the same change.
 */
function incomparable(window: CutWindow<JudgedRun>, runs: readonly JudgedRun[], found: Verdict): string | undefined {
  const [before, since] = [checkedIn(window.before ?? []), checkedIn(window.since)];
  if (!areApart(before, since, OTHER_VERIFICATION)) return undefined;
  const verified = runs.filter((run) => run.isVerified);
  if (verified.length >= MIN_RUNS) {
    const alone = cutWindow(verified, rateEvidence(verified.map((run) => run.success)));
    const counts = [countsOf(alone.since), alone.before === undefined ? null : countsOf(alone.before)] as const;
    if (verdictOf(alone, ...counts, verified.length) === found) return undefined;
  }
  const began = since.successes * before.runs > before.successes * since.runs ? "checked" : "checked less";
  const shares = `${before.successes} of ${before.runs} runs before, ${shareText(since)} since`;
  return `steady: ${began} ${sinceText(window)}: ${shares}; not comparable`;
}

/** How many runs there are, and how many of them were checked. */
function checkedIn(runs: readonly JudgedRun[]): Counts {
  return countOutcomes(runs.map((run) => run.isVerified));
}

/** A change that is said to have happened may come from other work, or from outcomes that come and go. */
function withWarnings(
  evidence: string,
  verdict: Verdict,
  window: CutWindow<JudgedRun>,
  runs: readonly JudgedRun[],
): string {
  if (!isChange(verdict)) return evidence;
  const mix = otherMix(tasksOf(window.before ?? []), tasksOf(window.since));
  const streaks = comeInStreaks(runs.map((run) => run.success))
    ? "; outcomes come in streaks: such changes come and go"
    : "";
  return `${evidence}${streaks}${mix === undefined ? "" : `; the kinds of work differ (${mix} of it), which may be all`}`;
}
