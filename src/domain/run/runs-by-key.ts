import { hasExpired } from "./retention.ts";
import { DAY_MS, readInstant } from "./time.ts";

/**
 * Runs that are known from what was noted of them, each under a key of its client, in constant space: counters for each
 * UTC day on which runs were first seen, and the last of the runs one by one. Folded one event at a time, in the order of
 * their file.
 */
export interface RunsByKey<R extends SeenRun, D extends DayOfRuns> {
  /** Counters by day number (days since 1970-01-01 UTC). */
  readonly days: Map<number, D>;
  /** The runs that were first seen last, by their key, at most `KEPT_SEEN_RUNS`: a run among them is counted once. */
  readonly recent: Map<string, R>;
}

export interface SeenRun {
  /** The instant (ms, whole seconds) at which anything of the run was seen first. */
  readonly firstSeenAt: number;
}

export interface DayOfRuns {
  /** How many events, with those that said nothing new. */
  events: number;
}

/** What is noted of a run, as far as every kind of note has it. */
export interface RunEvent {
  readonly key: string;
  readonly timestamp: string;
  readonly first_seen?: string | undefined;
}

/** What notes of one kind say of a run, and what is counted of it. */
export interface RunRules<E extends RunEvent, R extends SeenRun, D extends DayOfRuns> {
  /** What is known of a run once a further event of it has come. */
  withEvent(known: R | undefined, event: E): R;
  /** Whether two say the same of a run. */
  isSame(known: R | undefined, run: R): boolean;
  emptyDay(): D;
  /** Counts what is known of a run now, in the place of what was known before. */
  count(day: D, known: R | undefined, run: R): void;
}

/** So many runs are known one by one. One that is seen again after so many others have begun counts as another. */
export const KEPT_SEEN_RUNS = 1_000;

export function noRuns<R extends SeenRun, D extends DayOfRuns>(): RunsByKey<R, D> {
  return { days: new Map(), recent: new Map() };
}

/** Adds an event at the end. */
export function addRunEvent<E extends RunEvent, R extends SeenRun, D extends DayOfRuns>(
  { days, recent }: RunsByKey<R, D>,
  event: E,
  rules: RunRules<E, R, D>,
): void {
  const known = knownBefore(recent, event);
  const run = rules.withEvent(known, event);
  const number = dayOf(run);
  const day = days.get(number) ?? rules.emptyDay();
  days.set(number, day);
  day.events += 1;
  if (rules.isSame(known, run)) return;
  rules.count(day, known, run);
  recent.set(event.key, run);
  if (recent.size <= KEPT_SEEN_RUNS) return;
  for (const first of recent.keys()) {
    recent.delete(first);
    break;
  }
}

/** What was known of an event's run. A line that says a later day was written when the earlier run had expired. */
function knownBefore<R extends SeenRun>(recent: Map<string, R>, event: RunEvent): R | undefined {
  const known = recent.get(event.key);
  if (known === undefined || dayOf({ firstSeenAt: firstSeenIn(event) }) <= dayOf(known)) return known;
  recent.delete(event.key);
  return undefined;
}

/** When a run was first seen (ms), as an event of it says. A line says it in whole seconds. */
export function firstSeenIn({ first_seen, timestamp }: Omit<RunEvent, "key">): number {
  return Math.floor((readInstant(first_seen ?? timestamp) ?? 0) / 1000) * 1000;
}

function dayOf({ firstSeenAt }: SeenRun): number {
  return Math.floor(firstSeenAt / DAY_MS);
}

/** The days that count. Days expire as a whole, once their last moment has: so nothing has to be read again to count. */
export function liveDays<D extends DayOfRuns>({ days }: Pick<RunsByKey<SeenRun, D>, "days">, cutoff: number): D[] {
  return [...days].flatMap(([number, day]) => (hasExpiredDay(number, cutoff) ? [] : [day]));
}

/** The last of the runs that count, by key, in the order in which they were first seen. */
export function liveRuns<R extends SeenRun>({ recent }: { readonly recent: Map<string, R> }, cutoff: number) {
  return new Map([...recent].filter(([, run]) => !isExpiredRun(run, cutoff)));
}

/** Whether a run counts no more. */
export function isExpiredRun(run: SeenRun, cutoff: number): boolean {
  return hasExpiredDay(dayOf(run), cutoff);
}

/** The run, unless it has expired: then it is forgotten, and seen again it is another. */
export function unlessExpired<R extends SeenRun>(run: R | undefined, cutoff: number): R | undefined {
  return run === undefined || isExpiredRun(run, cutoff) ? undefined : run;
}

/** The instant (ms) at which the first day begins that has not expired. */
export function firstLiveDay(cutoff: number): number {
  return Math.floor((cutoff + 1) / DAY_MS) * DAY_MS;
}

export function hasExpiredDay(number: number, cutoff: number): boolean {
  return hasExpired((number + 1) * DAY_MS - 1, cutoff);
}
