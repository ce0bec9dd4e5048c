/** Milliseconds in a day: days in UTC have no leap seconds. */
export const DAY_MS = 86_400_000;

/**
 * ISO 8601, as Python's `datetime.fromisoformat` and JavaScript's `toISOString` write it: a date, or a date and a time
 * joined by `T` or one space, with seconds and a fraction of any length optional, and `Z`, an offset or nothing.
 */
const isoPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** An instant read from text. */
export interface Instant {
  /** Milliseconds since 1970-01-01T00:00:00Z; digits beyond milliseconds are cut off. */
  readonly at: number;
  /** Whether the text said which offset it means. Without one, UTC is meant. */
  readonly hasOffset: boolean;
}

/** Reads an ISO 8601 timestamp; `undefined` where it is not one, also for days that do not exist (30 February). */
export function parseInstant(text: string): Instant | undefined {
  return parseUtcSecond(text) ?? parseAnyInstant(text);
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

/** The number that two characters of a text write; NaN where they are anything but digits. */
function twoDigits(text: string, index: number): number {
  const [tens, ones] = [text.charCodeAt(index) - 0x30, text.charCodeAt(index + 1) - 0x30];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function parseAnyInstant(text: string): Instant | undefined {
  const match = isoPattern.exec(text) ?? isoPattern.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction, offset] = match;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  const shift = offsetMinutes(offset);
  if (midnight === undefined || shift === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const minutes = Number(hour) * 60 + Number(minute) - shift;
  const milliseconds = fraction === undefined ? 0 : Math.trunc(Number(`0.${fraction}`) * 1000);
  return { at: midnight + minutes * 60_000 + Number(second) * 1000 + milliseconds, hasOffset: offset !== undefined };
}

/** The instant (ms) at which a day begins in UTC; `undefined` where the calendar has no such day. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const isShort = month === 4 || month === 6 || month === 9 || month === 11;
  const daysInMonth = month === 2 ? (isLeapYear(year) ? 29 : 28) : isShort ? 30 : 31;
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth)) return undefined;
  // Counted in years that begin in March, so that the leap day is the last of them. No date is before the first of them:
  // it begins 719,468 days before 1970.
  const [marchYear, marchMonth] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const daysBefore = 365 * marchYear + leapDays + Math.floor((153 * marchMonth + 2) / 5);
  return (daysBefore + day - 1 - 719_468) * DAY_MS;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function offsetMinutes(offset: string | undefined): number | undefined {
  if (offset === undefined || offset === "Z" || offset === "z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(":", "") || "0");
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** The ADR-004 form of an instant: whole UTC seconds, `2026-11-22T10:00:00Z`. */
export function formatInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/**
 * The instant that a stored timestamp means. Text is ISO 8601, without offset UTC; a number is a Unix time, in seconds,
 * or in milliseconds where seconds would lie beyond the year 5000. `undefined` where nothing can be read from it.
 */
export function readInstant(timestamp: unknown): number | undefined {
  if (typeof timestamp === "string") return parseInstant(timestamp)?.at;
  if (typeof timestamp !== "number" || !Number.isFinite(timestamp)) return undefined;
  const at = Math.trunc(Math.abs(timestamp) < 1e11 ? timestamp * 1000 : timestamp);
  return Math.abs(at) <= 8.64e15 ? at : undefined;
}
