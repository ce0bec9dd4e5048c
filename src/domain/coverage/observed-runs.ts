import { hasExpired } from "../run/retention.ts";
import { isSameRun, type SeenRun, type Sighting, withSighting } from "./lifecycle-event.ts";
import { DAY_MS } from "../run/time.ts";

/**
 * What hooks have seen of an agent's runs, in constant space: counters for each UTC day on which runs were first seen,
 * and the last of the runs one by one. Folded sighting by sighting in the order of their file.
 */
export interface SightingHistory {
  /** Counters by day number (days since 1970-01-01 UTC). */
  readonly days: Map<number, SeenDay>;
  /** The runs that were first seen last, by their key, at most `KEPT_SEEN_RUNS`: a run among them is counted once. */
  readonly recent: Map<string, SeenRun>;
}

interface SeenDay {
  started: number;
  ended: number;
  reported: number;
  /** How many sightings, with those that said nothing new. */
  sightings: number;
}

/** So many runs are known one by one. One that is seen again after so many others have begun counts as another. */
export const KEPT_SEEN_RUNS = 1_000;

export function emptySightingHistory(): SightingHistory {
  return { days: new Map(), recent: new Map() };
}

/** Adds a sighting at the end. */
export function addSighting({ days, recent }: SightingHistory, sighting: Sighting): void {
  const known = knownBefore(recent, sighting);
  const run = withSighting(known, sighting);
  const number = dayOf(run);
  const day = days.get(number) ?? { started: 0, ended: 0, reported: 0, sightings: 0 };
  days.set(number, day);
  day.sightings += 1;
  if (isSameRun(known, run)) return;
  if (known === undefined) day.started += 1;
  if (run.ended && known?.ended !== true) day.ended += 1;
  if (run.reported && known?.reported !== true) day.reported += 1;
  recent.set(sighting.key, run);
  if (recent.size <= KEPT_SEEN_RUNS) return;
  for (const first of recent.keys()) {
    recent.delete(first);
    break;
  }
}

/** What was known of a sighting's run. A line that says a later day was written when the earlier run had expired. */
function knownBefore(recent: Map<string, SeenRun>, sighting: Sighting): SeenRun | undefined {
  const known = recent.get(sighting.key);
  if (known === undefined || dayOf(withSighting(undefined, sighting)) <= dayOf(known)) return known;
  recent.delete(sighting.key);
  return undefined;
}

function dayOf({ firstSeenAt }: Pick<SeenRun, "firstSeenAt">): number {
  return Math.floor(firstSeenAt / DAY_MS);
}

/** What counts in an answer: the runs that were first seen on a day that has not expired. */
export interface SeenRuns {
  readonly started: number;
  readonly ended: number;
  /** Those of which a report was seen. */
  readonly reported: number;
  /** The keys of those among the last runs of which none was seen: one may have come since. */
  readonly unreported: readonly string[];
}

/** The live part. Days expire as a whole, once their last moment has: so nothing has to be read again to count. */
export function viewSeenRuns({ days, recent }: SightingHistory, cutoff: number): SeenRuns {
  const view = { started: 0, ended: 0, reported: 0 };
  for (const [number, day] of days) {
    if (hasExpiredDay(number, cutoff)) continue;
    view.started += day.started;
    view.ended += day.ended;
    view.reported += day.reported;
  }
  const unreported = [...recent].flatMap(([key, run]) => (run.reported || isExpiredRun(run, cutoff) ? [] : [key]));
  return { ...view, unreported };
}

/** Whether a run that hooks saw counts no more. */
export function isExpiredRun(run: Pick<SeenRun, "firstSeenAt">, cutoff: number): boolean {
  return hasExpiredDay(dayOf(run), cutoff);
}

/** The run, unless it has expired: then it is forgotten, and seen again it is another. */
export function unlessExpired(run: SeenRun | undefined, cutoff: number): SeenRun | undefined {
  return run === undefined || isExpiredRun(run, cutoff) ? undefined : run;
}

export function hasExpiredDay(number: number, cutoff: number): boolean {
  return hasExpired((number + 1) * DAY_MS - 1, cutoff);
}
