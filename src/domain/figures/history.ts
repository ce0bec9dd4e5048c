import type { Execution } from "../run/execution.ts";
import { hasExpired } from "../run/retention.ts";
import { DAY_MS } from "../run/time.ts";
import { type FailureNote, noteFailure, WINDOW_FAILURES } from "./failures.ts";
import { addToTally, emptyTally, mergeTallies, subtractTally, type Tally } from "./tally.ts";

/**
 * An agent's history in constant space: counters for each UTC day, and the last runs themselves. It is folded run by
 * run in the order of the log, and never needs the log again unless retention cuts through a day.
 */
export interface History {
  /** Counters by day number (days since 1970-01-01 UTC). */
  readonly days: Map<number, DayTally>;
  /** Counters of all runs, also of those that have expired since. */
  readonly total: Tally;
  /** The last runs in log order, at most `KEPT_RUNS`. */
  recent: RecentRun[];
  /** The last reported quality scores in log order, at most `KEPT_SCORES`: they may reach further back than `recent`. */
  scores: Dated<number>[];
  /** The last failures in log order, at most `KEPT_FAILURES`. */
  failures: FailureNote[];
}

/** Counters of one day, and where its runs stand: instants in ms, places in the log as the store numbers them. */
export interface DayTally extends Tally {
  earliestAt: number;
  latestAt: number;
  readonly firstPlace: number;
  lastPlace: number;
}

export interface RecentRun {
  /** The ordinal of the run among all that were added, from 1. */
  readonly ordinal: number;
  readonly id?: string;
  readonly timestamp: string | null;
  /** The instant in ms, where the timestamp is readable. */
  readonly at?: number;
  readonly success: boolean;
  readonly quality?: number;
  readonly timeS?: number;
  /** The kind of work, in its writer's words, cut to `TASK_CHARACTERS`. */
  readonly task?: string;
}

export interface Dated<T> {
  readonly at?: number;
  readonly value: T;
}

/** ADR-004's trend compares the last 5 with the 5 before. */
export const TREND_WINDOW = 5;
/** How many of the last live runs every window figure is taken from. */
export const WINDOW_RUNS = 200;
/** More is kept than is used, so that a run that expires among the last ones does not mean reading the log again. */
const KEPT_RUNS = 2 * WINDOW_RUNS;
/** Kinds of work are told apart by so many characters. */
const TASK_CHARACTERS = 64;
const KEPT_FAILURES = 2 * WINDOW_FAILURES;
export const KEPT_SCORES = 5 * TREND_WINDOW;

export function emptyHistory(): History {
  return { days: new Map(), total: emptyTally(), recent: [], scores: [], failures: [] };
}

/** Adds a run at the end. `place` says where it stands in the log, so that its day can be read again. */
export function addToHistory(history: History, run: Execution, place: number): void {
  addToTally(history.total, run);
  // A run without a readable timestamp belongs to no day, and never expires.
  if (run.at !== undefined) addToDay(history.days, run, run.at, place);
  const ordinal = history.total.runs;
  keepLast(history.recent, recentRun(run, ordinal), KEPT_RUNS);
  if (run.quality !== undefined) keepLast(history.scores, dated(run.at, run.quality), KEPT_SCORES);
  if (!run.success) keepLast(history.failures, noteFailure(run, ordinal), KEPT_FAILURES);
}

function addToDay(days: Map<number, DayTally>, run: Execution, at: number, place: number): void {
  const day = Math.floor(at / DAY_MS);
  let tally = days.get(day);
  if (tally === undefined) {
    tally = { ...emptyTally(), earliestAt: at, latestAt: at, firstPlace: place, lastPlace: place };
    days.set(day, tally);
  }
  addToTally(tally, run);
  if (at < tally.earliestAt) tally.earliestAt = at;
  if (at > tally.latestAt) tally.latestAt = at;
  tally.lastPlace = place;
}

/** What is kept of one of the last runs. */
export function recentRun(run: Execution, ordinal: number): RecentRun {
  const recent: { -readonly [Name in keyof RecentRun]: RecentRun[Name] } = {
    ordinal,
    timestamp: run.timestamp,
    success: run.success,
  };
  if (run.id !== undefined) recent.id = run.id;
  if (run.at !== undefined) recent.at = run.at;
  if (run.quality !== undefined) recent.quality = run.quality;
  if (run.timeS !== undefined) recent.timeS = run.timeS;
  const { task } = run.record;
  if (typeof task === "string") recent.task = task.slice(0, TASK_CHARACTERS);
  return recent;
}

/** A value of a run, with the instant at which it expires with it. */
export function dated<T>(at: number | undefined, value: T): Dated<T> {
  return at === undefined ? { value } : { at, value };
}

/** Appends and lets the list grow to half as much again before it is cut, so that an append costs no copy. */
function keepLast<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit * 1.5) list.splice(0, list.length - limit);
}

/** What counts in an answer: the runs that have not expired. */
export interface HistoryView {
  readonly tally: Tally;
  /** The last live runs, oldest first, at most `WINDOW_RUNS`. */
  readonly recent: readonly RecentRun[];
  /** The last live quality scores, oldest first, at least the ten that the ADR-004 trend looks at. */
  readonly recentQuality: readonly number[];
  /** The last live failures, oldest first, at most `WINDOW_FAILURES`. */
  readonly failures: readonly FailureNote[];
}

/** The whole of a history in which no run has expired: one that was just folded from live runs. */
export function viewWhole(history: History): HistoryView {
  return windowsOf(mergeTallies(emptyTally(), history.total), history);
}

/** Counts the live runs of a day that retention cuts through: only the log knows them one by one. */
export type CountDay = (day: DayTally) => Promise<Tally>;

/**
 * The live part of a history, or `undefined` where so many of the last runs have expired that the log has to be read
 * again to fill the windows.
 */
export async function viewHistory(
  history: History,
  cutoff: number,
  countDay: CountDay,
): Promise<HistoryView | undefined> {
  const isTouched = (day: DayTally) => hasExpired(day.earliestAt, cutoff);
  const touched = [...history.days.values()].filter(isTouched);
  if (touched.length === 0) return viewWhole(history);
  let tally = mergeTallies(emptyTally(), history.total);
  for (const day of touched) {
    tally = subtractTally(tally, day);
    if (!hasExpired(day.latestAt, cutoff)) tally = mergeTallies(tally, await countDay(day));
  }
  const recent = history.recent.filter((run) => !hasExpired(run.at, cutoff));
  const scores = history.scores.filter((score) => !hasExpired(score.at, cutoff));
  const failures = history.failures.filter((failure) => !hasExpired(failure.at, cutoff));
  const isComplete =
    recent.length >= Math.min(WINDOW_RUNS, tally.runs) &&
    scores.length >= Math.min(2 * TREND_WINDOW, tally.quality.count) &&
    failures.length >= Math.min(WINDOW_FAILURES, tally.runs - tally.successes);
  return isComplete ? windowsOf(tally, { recent, scores, failures }) : undefined;
}

function windowsOf(tally: Tally, kept: Pick<History, "recent" | "scores" | "failures">): HistoryView {
  return {
    tally,
    recent: kept.recent.slice(-WINDOW_RUNS),
    recentQuality: kept.scores.slice(-2 * TREND_WINDOW).map((score) => score.value),
    failures: kept.failures.slice(-WINDOW_FAILURES),
  };
}
