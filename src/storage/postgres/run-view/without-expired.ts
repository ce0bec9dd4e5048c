import { WINDOW_FAILURES } from "../../../domain/history/failures.ts";
import { type DayTally, type History, WINDOW_RUNS, WINDOW_SCORES } from "../../../domain/history/history.ts";
import {
  type CountedRun,
  emptyTally,
  mergeTallies,
  subtractTally,
  type Tally,
  takeFromTally,
} from "../../../domain/history/tally.ts";
import {
  countRun,
  type VerifiedDay,
  type VerifiedHistory,
  withoutPart,
} from "../../../domain/history/verified-history.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { VerifiedRun } from "../../../domain/verification/verification.ts";
import type { FoldedRuns } from "./fold.ts";

/** What has expired of the day that a cutoff cuts through, run by run. */
export interface Gone {
  readonly runs: readonly CountedRun[];
  readonly checked: readonly VerifiedRun[];
  readonly verifications: number;
}

/**
 * What was folded, without the runs that had expired at a cutoff (ms), as the next epoch. `undefined` if the last runs that
 * are left are not all known, as in a log that is not in the order of time: then it has to be folded anew.
 */
export function withoutExpired(folded: FoldedRuns, cutoff: number, gone: Gone): FoldedRuns | undefined {
  const history = liveHistory(folded.history, cutoff, gone.runs);
  if (history === undefined) return undefined;
  const verified = liveVerified(folded.verified, cutoff, gone);
  return { ...folded, epoch: folded.epoch + 1, history, verified };
}

function liveHistory(history: History, cutoff: number, gone: readonly CountedRun[]): History | undefined {
  let total = mergeTallies(emptyTally(), history.total);
  const days = new Map<number, DayTally>();
  for (const [number, day] of history.days) {
    if (!hasExpired(day.earliestAt, cutoff)) days.set(number, day);
    else if (hasExpired(day.latestAt, cutoff)) total = subtractTally(total, day);
    else {
      const live = { ...day, ...mergeTallies(emptyTally(), day), earliestAt: cutoff };
      for (const run of gone) {
        takeFromTally(live, run);
        takeFromTally(total, run);
      }
      if (live.runs > 0) days.set(number, live);
    }
  }
  return withWindows({ ...history, days, total }, cutoff);
}

/** The last runs that are live, numbered so that the last one has the number of all. */
function withWindows(history: History & { total: Tally }, cutoff: number): History | undefined {
  const { total } = history;
  const recent = history.recent.filter(({ at }) => !hasExpired(at, cutoff));
  const scores = history.scores.filter(({ at }) => !hasExpired(at, cutoff));
  const failures = history.failures.filter(({ at }) => !hasExpired(at, cutoff));
  const isComplete =
    recent.length >= Math.min(WINDOW_RUNS, total.runs) &&
    scores.length >= Math.min(WINDOW_SCORES, total.quality.count) &&
    failures.length >= Math.min(WINDOW_FAILURES, total.runs - total.successes);
  if (!isComplete) return undefined;
  const by = total.runs - (recent.at(-1)?.ordinal ?? total.runs);
  const moved = <T extends { readonly ordinal: number }>(item: T): T => ({ ...item, ordinal: item.ordinal + by });
  if ([...recent, ...failures].some(({ ordinal }) => ordinal + by < 1)) return undefined;
  return { ...history, recent: recent.map(moved), scores, failures: failures.map(moved) };
}

function liveVerified(history: VerifiedHistory, cutoff: number, gone: Gone): VerifiedHistory {
  let total = { ...history.total, unproven: { ...history.total.unproven } };
  const days = new Map<number, VerifiedDay>();
  for (const [number, day] of history.days) {
    if (!hasExpired(day.earliestAt, cutoff)) days.set(number, day);
    else if (hasExpired(day.latestAt, cutoff)) total = withoutPart(total, day);
    else {
      const verifications = day.verifications - gone.verifications;
      const live = { ...day, unproven: { ...day.unproven }, verifications, earliestAt: cutoff };
      for (const run of gone.checked) {
        countRun(live, run, -1);
        countRun(total, run, -1);
      }
      if (verifications > 0) days.set(number, live);
    }
  }
  const latest = new Map([...history.latest].filter(([, { at }]) => !hasExpired(at, cutoff)));
  return { ...history, days, total, latest };
}
