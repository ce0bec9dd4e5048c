import * as z from "zod";
import type { FailureNote } from "../../domain/figures/failures.ts";
import type { Dated, RecentRun } from "../../domain/figures/history.ts";
import { isJsonObject } from "../../domain/text/json.ts";

// The form of a history in a snapshot. Any program that can write to the folder may have written it: a value that no run
// can have would end in an error far from here.

const count = z.int().min(0);
const place = count;
/** What JavaScript has dates for, in ms (ECMA-262, Time Range). */
const LATEST_INSTANT = 8.64e15;
const instant = z.number().min(-LATEST_INSTANT).max(LATEST_INSTANT);
const measured = z.object({ count, sum: z.array(z.number()).max(64) });
const tally = z.object({ runs: count, successes: count, quality: measured, time: measured });
const day = tally.extend({ earliestAt: instant, latestAt: instant, firstPlace: place, lastPlace: place });

/** More than is ever kept of anything. */
const MOST_KEPT = 1_000;

/** The lists are long, and read by every process that starts: a schema for each item would cost more than reading them. */
function listOf<T>(isItem: (value: unknown) => boolean) {
  return z.array(z.custom<T>(isItem)).max(MOST_KEPT);
}

export const historySchema = z
  .object({
    days: z.array(z.tuple([z.int(), day])),
    total: tally,
    recent: listOf<RecentRun>(isRecentRun),
    scores: listOf<Dated<number>>((value) => isJsonObject(value) && isNumber(value.value) && isInstant(value.at)),
    failures: listOf<FailureNote>(isFailureNote),
  })
  .refine(
    ({ recent, total }) =>
      // Runs are numbered as they come, so the last one has the number of all.
      recent.every(({ ordinal }, index) => ordinal < (recent[index + 1]?.ordinal ?? total.runs + 1)) &&
      (recent.at(-1)?.ordinal ?? 0) === total.runs,
  );

function isRecentRun(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isOrdinal(value.ordinal) &&
    isText(value.id) &&
    (value.timestamp === null || isText(value.timestamp)) &&
    isInstant(value.at) &&
    typeof value.success === "boolean" &&
    (value.quality === undefined || isNumber(value.quality)) &&
    (value.timeS === undefined || isNumber(value.timeS)) &&
    (value.task === undefined || isText(value.task))
  );
}

function isFailureNote(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    isInstant(value.at) &&
    isOrdinal(value.ordinal) &&
    isText(value.signature) &&
    isText(value.example)
  );
}

function isOrdinal(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function isInstant(value: unknown): boolean {
  return value === undefined || (isNumber(value) && Math.abs(Number(value)) <= LATEST_INSTANT);
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
