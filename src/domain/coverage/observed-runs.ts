import { addRunEvent, type DayOfRuns, liveDays, liveRuns, noRuns, type RunRules, type RunsByKey } from "../run/runs-by-key.ts";
import {
  isSameRun,
  type LifecycleEvent,
  type NewLifecycleEvent,
  type ObservedRun,
  withLifecycleEvent,
} from "./lifecycle-event.ts";

/** What hooks have seen of an agent's runs, in constant space. */
export type LifecycleHistory = RunsByKey<ObservedRun, ObservedDay>;

export interface ObservedDay extends DayOfRuns {
  started: number;
  ended: number;
  reported: number;
}

export const lifecycleRules: RunRules<NewLifecycleEvent & { first_seen?: string }, ObservedRun, ObservedDay> = {
  withEvent: withLifecycleEvent,
  isSame: isSameRun,
  emptyDay: () => ({ started: 0, ended: 0, reported: 0, events: 0 }),
  count(day, known, run) {
    if (known === undefined) day.started += 1;
    if (run.ended && known?.ended !== true) day.ended += 1;
    if (run.reported && known?.reported !== true) day.reported += 1;
  },
};

export function emptyLifecycleHistory(): LifecycleHistory {
  return noRuns();
}

/** Adds a lifecycle event at the end. */
export function addLifecycleEvent(history: LifecycleHistory, event: LifecycleEvent): void {
  addRunEvent(history, event, lifecycleRules);
}

/** What counts in an answer: the runs that were first seen on a day that has not expired. */
export interface ObservedRuns {
  readonly started: number;
  readonly ended: number;
  /** How many runs had a report that hooks saw. */
  readonly reported: number;
  /** The keys of the last runs without such a report: one may have come since. */
  readonly unreported: readonly string[];
  /** When those of the last runs began (ms) that were not seen to end. */
  readonly open: readonly number[];
  /** The last runs that took part in trials, by key, in the order in which hooks first saw them. */
  readonly assigned: ReadonlyMap<string, Readonly<Record<string, boolean>>>;
}

export function viewObservedRuns(history: LifecycleHistory, cutoff: number): ObservedRuns {
  const view = { started: 0, ended: 0, reported: 0 };
  for (const day of liveDays(history, cutoff)) {
    view.started += day.started;
    view.ended += day.ended;
    view.reported += day.reported;
  }
  const runs = [...liveRuns(history, cutoff)];
  const unreported = runs.flatMap(([key, run]) => (run.reported ? [] : [key]));
  const assigned = runs.flatMap(([key, run]) => (run.assigned === undefined ? [] : [[key, run.assigned] as const]));
  const open = runs.flatMap(([, run]) => (run.ended ? [] : [run.firstSeenAt]));
  return { ...view, unreported, open, assigned: new Map(assigned) };
}
