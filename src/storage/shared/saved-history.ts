import type { FailureNote } from "../../domain/history/failures.ts";
import type { Dated, DayTally, History, RecentRun } from "../../domain/history/history.ts";
import type { Tally } from "../../domain/history/tally.ts";
import type { Measured } from "../../domain/statistics/measured.ts";
import { isCount, isInteger, isNumber, isText, isTruth, listOf, nullable, objectOf, optional, pairOf } from "./form.ts";

// The form of a history where it is saved. Any program that can write there may have written it: a value that no run can
// have would end in an error far from here.

/** A history as JSON has it. */
export type SavedHistory = Omit<History, "days"> & { readonly days: readonly (readonly [number, DayTally])[] };

/** What JavaScript has dates for, in ms (ECMA-262, Time Range). */
const LATEST_INSTANT = 8.64e15;
/** More than is ever kept of anything. */
const MOST_KEPT = 1_000;
const MOST_PARTIAL_SUMS = 64;

const isInstant = (value: unknown) => isNumber(value) && Math.abs(value) <= LATEST_INSTANT;
const isOrdinal = (value: unknown) => isInteger(value) && value >= 1;
const isMeasured = objectOf<Measured>({ count: isCount, sum: listOf(isNumber, MOST_PARTIAL_SUMS) });
const ofTally = { runs: isCount, successes: isCount, quality: isMeasured, time: isMeasured };
const isDay = objectOf<DayTally>({
  ...ofTally,
  earliestAt: isInstant,
  latestAt: isInstant,
  firstPlace: isCount,
  lastPlace: isCount,
});
const isRecentRun = objectOf<RecentRun>({
  ordinal: isOrdinal,
  id: isText,
  timestamp: nullable(isText),
  at: optional(isInstant),
  success: isTruth,
  quality: optional(isNumber),
  timeS: optional(isNumber),
  task: optional(isText),
});
const isFailureNote = objectOf<FailureNote>({
  at: optional(isInstant),
  ordinal: isOrdinal,
  signature: isText,
  example: isText,
});
const hasItsForm = objectOf<SavedHistory>({
  days: listOf(pairOf(isInteger, isDay), Number.POSITIVE_INFINITY),
  total: objectOf<Tally>(ofTally),
  recent: listOf(isRecentRun, MOST_KEPT),
  scores: listOf(objectOf<Dated<number>>({ at: optional(isInstant), value: isNumber }), MOST_KEPT),
  failures: listOf(isFailureNote, MOST_KEPT),
});

/** Whether a value that was saved is a history that some runs can have. */
export function isSavedHistory(value: unknown): value is SavedHistory {
  if (!hasItsForm(value)) return false;
  const { recent, total } = value;
  // Runs are numbered as they come, so the last one has the number of all.
  return (
    recent.every(({ ordinal }, index) => ordinal < (recent[index + 1]?.ordinal ?? total.runs + 1)) &&
    (recent.at(-1)?.ordinal ?? 0) === total.runs
  );
}

export function savedHistory(history: History): SavedHistory {
  return { ...history, days: [...history.days] };
}

export function historyOf(saved: SavedHistory): History {
  return { ...saved, days: new Map(saved.days) };
}
