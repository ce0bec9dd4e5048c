import { END_OF_DATES, FIRST_INSTANT, midnightOf } from "./calendar.ts";
import { type Instant, readIso8601, twoDigits } from "./iso-8601.ts";

export { DAY_MS } from "./calendar.ts";

/** Reads a stored timestamp; `undefined` if it is not one, also for days that do not exist (30 February). */
export function parseInstant(text: string): Instant | undefined {
  return parseUtcSecond(text) ?? readIso8601(text);
}

const UTC_SECOND_LENGTH = "2026-11-22T10:00:00Z".length;
const [DASH, COLON, T, Z] = [0x2d, 0x3a, 0x54, 0x5a];

/** The form that nearly every record has, several times faster than the general one: a long log is read once for it. */
function parseUtcSecond(text: string): Instant | undefined {
  if (text.length !== UTC_SECOND_LENGTH) return undefined;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(10) !== T) return undefined;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON || text.charCodeAt(19) !== Z) return undefined;
  const midnight = midnightOf(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8));
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  // What is no digit makes a number that is none, and so no comparison true.
  if (midnight === undefined || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return { at: midnight + ((hour * 60 + minute) * 60 + second) * 1000, hasOffset: true };
}

/** A timestamp as people send it, in the spelling that can be stored: no space around it, and no small `z`. */
export function tidyTimestamp(text: string): string {
  return text.trim().replace(/z$/, "Z");
}

/**
 * The ADR-004 form of an instant: whole UTC seconds, `2026-11-22T10:00:00Z`. A year of other than four digits is written
 * whole, with its sign, as JavaScript has it.
 */
export function formatInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, -".000Z".length)}Z`;
}

/** Its day, `2026-11-22`: enough for who needs to know how long ago it was. */
export function formatDay(at: number): string {
  return formatInstant(at).slice(0, -"T10:00:00Z".length);
}

/** Whether an instant (ms) has a date: what is read from a number or an offset may lie before the year 1 or after 9999. */
export function isDated(at: number): boolean {
  return at >= FIRST_INSTANT && at < END_OF_DATES;
}

/**
 * The instant that a stored timestamp means. Text is ISO 8601, without offset UTC; a number is a Unix time, in seconds,
 * or in milliseconds where seconds would lie beyond the year 5000. `undefined` if nothing can be read from it.
 */
export function readInstant(timestamp: unknown): number | undefined {
  if (typeof timestamp === "string") return parseInstant(timestamp)?.at;
  if (typeof timestamp !== "number" || !Number.isFinite(timestamp)) return undefined;
  const at = Math.trunc(Math.abs(timestamp) < 1e11 ? timestamp * 1000 : timestamp);
  return Math.abs(at) <= 8.64e15 ? at : undefined;
}
