import { median } from "../statistics/statistics.ts";
import { levelEvidence, rankScores } from "../statistics/stretch-evidence.ts";
import { MIN_RUNS, probabilityText, type Verdict } from "../statistics/verdict.ts";
import { type Change, type CutWindow, cutWindow, type DatedRun, sinceText } from "./changes.ts";

/** A run that reported a number. */
export interface MeasuredRun extends DatedRun {
  readonly value: number;
}

/** Runs that reported a number, and the middle of what they reported. */
interface Level {
  readonly runs: number;
  readonly median: number;
}

/** How a reported number changed, and what that is concluded from. */
export interface MeasureChange {
  /** The probability that its level changed among the last 60 that reported it; `null` if too few did. */
  readonly pChanged: number | null;
  readonly changes: readonly Change[];
  /** `null` if nothing was reported. */
  readonly since: Level | null;
  readonly before: Level | null;
  readonly verdict: Verdict;
  readonly decliningSince: string | null;
  readonly evidence: string;
}

export interface MeasureKind {
  /** Whether more is better (quality) or worse (time). */
  readonly moreIsBetter: boolean;
  /** The smallest difference from an earlier median that is worth a word. */
  readonly smallestDifference: (before: number) => number;
  /** Shows a value with its unit. */
  readonly format: (value: number) => string;
}

/**
 * Whether the level of a reported number changed, judged on ranks: a single extreme value decides nothing. The medians have
 * to have moved the same way, and far enough. `runs` are those of the last 200 that reported it, oldest first.
 */
export function measureChange(runs: readonly MeasuredRun[], kind: MeasureKind): MeasureChange {
  if (runs.length === 0) return { ...nothingReported, evidence: "n/a: not reported" };
  if (runs.length < MIN_RUNS) {
    const evidence = `too few runs: reported by ${runs.length}, ${MIN_RUNS - runs.length} more needed`;
    return { ...nothingReported, since: levelOf(runs), evidence };
  }
  const scores = rankScores(runs.map((run) => run.value));
  const window = cutWindow(runs, levelEvidence(scores));
  const since = levelOf(window.since);
  const before = window.before === undefined ? null : levelOf(window.before);
  const verdict = verdictOf(window, scores, kind);
  return {
    pChanged: scores.every((score) => score === 0) ? 0 : window.pChanged,
    changes: window.changes,
    since,
    before,
    verdict,
    decliningSince: verdict === "declining" ? (window.since[0]?.timestamp ?? null) : null,
    evidence: evidenceOf(verdict, window, { since, before }, kind),
  };
}

const nothingReported = {
  pChanged: null,
  changes: [],
  since: null,
  before: null,
  verdict: "too_few_runs",
  decliningSince: null,
} satisfies Omit<MeasureChange, "evidence">;

function levelOf(runs: readonly MeasuredRun[]): Level {
  return { runs: runs.length, median: median(runs.map((run) => run.value)) ?? 0 };
}

function verdictOf(window: CutWindow<MeasuredRun>, scores: readonly number[], kind: MeasureKind): Verdict {
  const { before: earlier, cuts, isChanged, since } = window;
  if (!isChanged || earlier === undefined) return "steady";
  const before = levelOf(earlier).median;
  const shift = levelOf(since).median - before;
  const cut = cuts.at(-1) ?? 0;
  const ranksMoved = mean(scores.slice(cut)) - mean(scores.slice(cut - earlier.length, cut));
  const isFar = Math.abs(shift) >= kind.smallestDifference(before) - 1e-12;
  if (shift === 0 || Math.sign(shift) !== Math.sign(ranksMoved) || !isFar) return "steady";
  return shift > 0 === kind.moreIsBetter ? "improving" : "declining";
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function evidenceOf(
  verdict: Verdict,
  window: CutWindow<MeasuredRun>,
  { before, since }: { before: Level | null; since: Level },
  { format }: MeasureKind,
): string {
  const now = `median ${format(since.median)} of ${since.runs}`;
  if (before === null) return `${verdict}: ${now}`;
  const then = `${format(before.median)} of ${before.runs}`;
  if (verdict === "steady") return `steady: ${now} ${sinceText(window)}, ${then} before`;
  return `${verdict} ${sinceText(window)}: ${now}, before that ${then} (P ${probabilityText(window.pChanged)})`;
}
