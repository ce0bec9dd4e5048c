import type { Execution } from "../run/execution.ts";
import { hasExpired } from "../run/retention.ts";
import { DAY_MS } from "../run/time.ts";
import { type FailureNote, noteFailure, WINDOW_FAILURES } from "./failures.ts";
import { addToTally, emptyTally, mergeTallies, subtractTally, type Tally } from "./tally.ts";

/**
 * An agent's history in constant space: counters for each UTC day, and the last runs themselves. It is folded run by
 * run in the order of the log, whether they have expired or not, and never needs the log again unless retention cuts
 * through a day.
 */
export interface History {
  /** Counters by day number (days since 1970-01-01 UTC). */
  readonly days: Map<number, DayTally>;
  /** Counters of all runs, also of those that have expired since. */
  readonly total: Tally;
  /**
   * The last runs in the order of the log, and by themselves the last scores and failures, which may reach further back.
   * In a log that is not in the order of time, runs before the last ones may live longer: so more is kept than is used.
   */
  recent: RecentRun[];
  scores: Dated<number>[];
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
  readonly id: string;
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
/** How many of the last live scores the trend is taken from. */
export const WINDOW_SCORES = 2 * TREND_WINDOW;
/** Kinds of work are told apart by so many characters. */
const TASK_CHARACTERS = 64;

export function emptyHistory(): History {
  return { days: new Map(), total: emptyTally(), recent: [], scores: [], failures: [] };
}

/** Adds a run at the end. `place` says where it stands in the log, so that its day can be read again. */
export function addToHistory(history: History, run: Execution, place: number): void {
  addToTally(history.total, run);
  // A run without a readable timestamp belongs to no day, and never expires.
  if (run.at !== undefined) addToDay(history.days, run, run.at, place);
  const { quality, runs: ordinal, successes } = history.total;
  keepLast(history.recent, recentRun(run, ordinal), WINDOW_RUNS, ordinal);
  if (run.quality !== undefined) keepLast(history.scores, dated(run.at, run.quality), WINDOW_SCORES, quality.count);
  if (!run.success) keepLast(history.failures, noteFailure(run, ordinal), WINDOW_FAILURES, ordinal - successes);
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
    id: run.id,
    timestamp: run.timestamp,
    success: run.success,
  };
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

/** So many windows of items are kept at most, of a log that is not in the order of time. */
const KEPT_WINDOWS = 3;

/** Appends the how-manieth item; the list is cut once in half a window, so that an append costs no copy. */
function keepLast<T extends { readonly at?: number }>(list: T[], item: T, window: number, count: number): void {
  list.push(item);
  if (count % (window / 2) > 0) return;
  list.splice(0, list.length, ...neededOf(list, window).slice(-KEPT_WINDOWS * window));
}

/**
 * Of a list, what may be among its last live items at some instant: an item is not, if a whole window of later ones lives
 * as long. So what expires early pushes nothing out that is needed when it has.
 */
function neededOf<T extends { readonly at?: number }>(list: readonly T[], window: number): T[] {
  // Nearly every log is in the order of time.
  if (isByTime(list)) return list.slice(-window);
  const longest: number[] = [];
  const needed = list.toReversed().filter(({ at = Number.POSITIVE_INFINITY }) => {
    if (longest.length === window && at <= (longest[0] ?? 0)) return false;
    longest.splice(placeBehind(longest, at), 0, at);
    if (longest.length > window) longest.shift();
    return true;
  });
  return needed.reverse();
}

/** Where a number belongs in ascending ones: behind those that are not greater. */
function placeBehind(ascending: readonly number[], number: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? number) > number) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isByTime(list: readonly { readonly at?: number }[]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const { at = Number.POSITIVE_INFINITY } of list) {
    if (at < last) return false;
    last = at;
  }
  return true;
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
 * The live part of a history. `undefined` if the log has to be read to fill the windows: if many of the last runs have
 * expired, and those before them stand in the reverse order of time.
 */
export async function viewHistory(
  history: History,
  cutoff: number,
  countDay: CountDay,
): Promise<HistoryView | undefined> {
  if (![...history.days.values()].some((day) => hasExpired(day.earliestAt, cutoff))) return viewWhole(history);
  const tally = await liveTally(history, cutoff, countDay);
  const recent = history.recent.filter((run) => !hasExpired(run.at, cutoff));
  const scores = history.scores.filter((score) => !hasExpired(score.at, cutoff));
  const failures = history.failures.filter((failure) => !hasExpired(failure.at, cutoff));
  const isComplete =
    recent.length >= Math.min(WINDOW_RUNS, tally.runs) &&
    scores.length >= Math.min(WINDOW_SCORES, tally.quality.count) &&
    failures.length >= Math.min(WINDOW_FAILURES, tally.runs - tally.successes);
  return isComplete ? windowsOf(tally, { recent, scores, failures }) : undefined;
}

/** The counters of the live runs. */
export async function liveTally(
  { days, total }: Pick<History, "days" | "total">,
  cutoff: number,
  countDay: CountDay,
): Promise<Tally> {
  let tally = mergeTallies(emptyTally(), total);
  for (const day of days.values()) {
    if (!hasExpired(day.earliestAt, cutoff)) continue;
    tally = subtractTally(tally, day);
    if (!hasExpired(day.latestAt, cutoff)) tally = mergeTallies(tally, await countDay(day));
  }
  return tally;
}

/** The counters of the live runs by day number; what stands behind no readable timestamp belongs to no day. */
export async function liveTallies(
  { days }: Pick<History, "days">,
  cutoff: number,
  countDay: CountDay,
): Promise<Map<number, Tally>> {
  const live = new Map<number, Tally>();
  for (const [number, day] of days) {
    if (hasExpired(day.latestAt, cutoff)) continue;
    live.set(number, hasExpired(day.earliestAt, cutoff) ? await countDay(day) : day);
  }
  return live;
}

/** Whether there are runs without a readable timestamp. */
export function hasUndatedRuns({ days, total }: Pick<History, "days" | "total">): boolean {
  return [...days.values()].reduce((sum, { runs }) => sum + runs, 0) < total.runs;
}

function windowsOf(tally: Tally, kept: Pick<History, "recent" | "scores" | "failures">): HistoryView {
  return {
    tally,
    recent: kept.recent.slice(-WINDOW_RUNS),
    recentQuality: kept.scores.slice(-WINDOW_SCORES).map((score) => score.value),
    failures: kept.failures.slice(-WINDOW_FAILURES),
  };
}
