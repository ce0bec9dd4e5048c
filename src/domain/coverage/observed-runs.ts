import { hasExpired } from "../run/retention.ts";
import { isSameRun, type ObservedRun, type LifecycleEvent, withLifecycleEvent } from "./lifecycle-event.ts";
import { DAY_MS } from "../run/time.ts";

/**
 * What hooks have seen of an agent's runs, in constant space: counters for each UTC day on which runs were first seen,
 * and the last of the runs one by one. Folded one event at a time, in the order of their file.
 */
export interface LifecycleHistory {
  /** Counters by day number (days since 1970-01-01 UTC). */
  readonly days: Map<number, ObservedDay>;
  /** The runs that were first seen last, by their key, at most `KEPT_SEEN_RUNS`: a run among them is counted once. */
  readonly recent: Map<string, ObservedRun>;
}

interface ObservedDay {
  started: number;
  ended: number;
  reported: number;
  /** How many lifecycle events, with those that said nothing new. */
  events: number;
}

/** So many runs are known one by one. One that is seen again after so many others have begun counts as another. */
export const KEPT_SEEN_RUNS = 1_000;

export function emptyLifecycleHistory(): LifecycleHistory {
  return { days: new Map(), recent: new Map() };
}

/** Adds a lifecycle event at the end. */
export function addLifecycleEvent({ days, recent }: LifecycleHistory, event: LifecycleEvent): void {
  const known = knownBefore(recent, event);
  const run = withLifecycleEvent(known, event);
  const number = dayOf(run);
  const day = days.get(number) ?? { started: 0, ended: 0, reported: 0, events: 0 };
  days.set(number, day);
  day.events += 1;
  if (isSameRun(known, run)) return;
  if (known === undefined) day.started += 1;
  if (run.ended && known?.ended !== true) day.ended += 1;
  if (run.reported && known?.reported !== true) day.reported += 1;
  recent.set(event.key, run);
  if (recent.size <= KEPT_SEEN_RUNS) return;
  for (const first of recent.keys()) {
    recent.delete(first);
    break;
  }
}

/** What was known of a lifecycle event's run. A line that says a later day was written when the earlier run had expired. */
function knownBefore(recent: Map<string, ObservedRun>, event: LifecycleEvent): ObservedRun | undefined {
  const known = recent.get(event.key);
  if (known === undefined || dayOf(withLifecycleEvent(undefined, event)) <= dayOf(known)) return known;
  recent.delete(event.key);
  return undefined;
}

function dayOf({ firstSeenAt }: Pick<ObservedRun, "firstSeenAt">): number {
  return Math.floor(firstSeenAt / DAY_MS);
}

/** What counts in an answer: the runs that were first seen on a day that has not expired. */
export interface ObservedRuns {
  readonly started: number;
  readonly ended: number;
  /** How many runs had a report that hooks saw. */
  readonly reported: number;
  /** The keys of the last runs without such a report: one may have come since. */
  readonly unreported: readonly string[];
  /** The last runs that took part in trials, by key, in the order in which hooks first saw them. */
  readonly assigned: ReadonlyMap<string, Readonly<Record<string, boolean>>>;
}

/** The live part. Days expire as a whole, once their last moment has: so nothing has to be read again to count. */
export function viewObservedRuns({ days, recent }: LifecycleHistory, cutoff: number): ObservedRuns {
  const view = { started: 0, ended: 0, reported: 0 };
  for (const [number, day] of days) {
    if (hasExpiredDay(number, cutoff)) continue;
    view.started += day.started;
    view.ended += day.ended;
    view.reported += day.reported;
  }
  const unreported = [...recent].flatMap(([key, run]) => (run.reported || isExpiredRun(run, cutoff) ? [] : [key]));
  const assigned = new Map(
    [...recent].flatMap(([key, run]) => (run.assigned === undefined || isExpiredRun(run, cutoff) ? [] : [[key, run.assigned]])),
  );
  return { ...view, unreported, assigned };
}

/** Whether a run that hooks saw counts no more. */
export function isExpiredRun(run: Pick<ObservedRun, "firstSeenAt">, cutoff: number): boolean {
  return hasExpiredDay(dayOf(run), cutoff);
}

/** The run, unless it has expired: then it is forgotten, and seen again it is another. */
export function unlessExpired(run: ObservedRun | undefined, cutoff: number): ObservedRun | undefined {
  return run === undefined || isExpiredRun(run, cutoff) ? undefined : run;
}

export function hasExpiredDay(number: number, cutoff: number): boolean {
  return hasExpired((number + 1) * DAY_MS - 1, cutoff);
}
