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

const UTC_SECOND = "2026-11-22T10:00:00Z";
const punctuation = [...UTC_SECOND].flatMap((sign, index) => (/\d/.test(sign) ? [] : [{ sign, index }]));

/** The form that nearly every record has, several times faster than the general one: a long log is read once for it. */
function parseUtcSecond(text: string): Instant | undefined {
  if (text.length !== UTC_SECOND.length) return undefined;
  for (const { sign, index } of punctuation) if (text[index] !== sign) return undefined;
  const midnight = midnightOf(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  // What is no digit makes a number that is none, and so no comparison true.
  if (midnight === undefined || !(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  return { at: midnight + ((hour * 60 + minute) * 60 + second) * 1000, hasOffset: true };
}

/** The number in a part of a text; NaN where it holds anything but digits. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
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
  // `Date.UTC` takes years below 100 for the twentieth century; 400 years have a whole number of days.
  return Date.UTC(year + 400, month - 1, day) - 146_097 * DAY_MS;
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
