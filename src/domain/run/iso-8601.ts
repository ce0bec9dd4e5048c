import { midnightOf, midnightOfWeekDay } from "./calendar.ts";

/** An instant read from text. */
export interface Instant {
  /** Milliseconds since 1970-01-01T00:00:00Z; digits beyond milliseconds are cut off. */
  readonly at: number;
  /** Whether the text said which offset it means. Without one, UTC is meant. */
  readonly hasOffset: boolean;
}

const [DASH, PLUS, COLON, DOT, COMMA, W, Z] = [0x2d, 0x2b, 0x3a, 0x2e, 0x2c, 0x57, 0x5a];
/** What a text has behind its end: a NUL in it also counts as its end. */
const END = 0;
const LAST_ASCII = 0x7f;
/** The shortest date is a week without dashes, `2026W47`. */
const SHORTEST = 7;

/**
 * Reads what `datetime.fromisoformat` of Python 3.11 reads, and nothing else: another writer of the same files prunes by
 * it. That is most of ISO 8601 (dates and weeks, with dashes and without; any one character before the time; hours,
 * minutes or seconds with a fraction of any length; an offset to the microsecond), and some more that Python lets pass:
 * one character too many before the offset, or anything there behind six digits of a fraction.
 *
 * Stands in for Temporal, which Node 20 and 22 do not have.
 */
export function readIso8601(given: string): Instant | undefined {
  const text = HALF.test(given) ? withSeparator(given) : given;
  if (text === undefined || text.length < SHORTEST) return undefined;
  const dateEnd = endOfDate(text);
  const midnight = dateEnd === undefined ? undefined : dateOf(text, dateEnd);
  if (dateEnd === undefined || midnight === undefined) return undefined;
  if (text.length === dateEnd) return { at: midnight, hasOffset: false };
  const start = dateEnd + ((text.codePointAt(dateEnd) ?? 0) > 0xffff ? 2 : 1);
  const offsetStart = startOfOffset(text, start);
  const time = readClock(text, start, offsetStart);
  if (time === undefined || time.hours > 23 || time.minutes > 59 || time.seconds > 59) return undefined;
  const hasOffset = offsetStart < text.length;
  const offset = hasOffset ? readOffset(text, offsetStart) : time.isAll ? noOffset : undefined;
  if (offset === undefined) return undefined;
  const microseconds = time.microseconds - offset.microseconds;
  const at = midnight + (secondsOf(time) - offset.seconds) * 1000 + Math.floor(microseconds / 1000);
  return { at, hasOffset };
}

/** One half of a character, without the other. */
const HALF = /\p{Surrogate}/u;
/** Where the character between date and time may stand. */
const SEPARATORS = [7, 8, 10];

/** Python takes half a character for a separator, and refuses a text that has another. */
function withSeparator(text: string): string | undefined {
  const characters = [...text];
  const index = SEPARATORS.find((place) => HALF.test(characters[place] ?? ""));
  if (index !== undefined) characters[index] = "T";
  const mended = characters.join("");
  return HALF.test(mended) ? undefined : mended;
}

/** Where the date ends, by its form. Digits can be read in two ways, since any character may come before the time. */
function endOfDate(text: string): number | undefined {
  if (text.length === SHORTEST) return SHORTEST;
  if (text.charCodeAt(4) === DASH) {
    if (text.charCodeAt(5) !== W) return 10;
    if (text.charCodeAt(8) !== DASH) return 8;
    if (text.length === 9) return undefined;
    // `2026-W47-10`: rather the tenth hour of a week than a first day with a digit before the time.
    return isDigit(text.charCodeAt(10)) ? 8 : 10;
  }
  if (text.charCodeAt(4) !== W) return 8;
  let end = 7;
  while (isDigit(text.charCodeAt(end))) end += 1;
  if (end < 9) return end;
  return end % 2 === 0 ? 7 : 8;
}

/** The instant (ms) at which the day begins that the text names up to a place. */
function dateOf(text: string, end: number): number | undefined {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const dashes = text.charCodeAt(4) === DASH ? 1 : 0;
  const start = 4 + dashes;
  if (text.charCodeAt(start) === W) {
    const hasDay = start + 3 < end;
    if (hasDay && dashes === 1 && text.charCodeAt(start + 3) !== DASH) return undefined;
    const day = hasDay ? text.charCodeAt(start + 3 + dashes) - 0x30 : 1;
    return midnightOfWeekDay(year, twoDigits(text, start + 1), day);
  }
  if (dashes === 1 && text.charCodeAt(start + 2) !== DASH) return undefined;
  return midnightOf(year, twoDigits(text, start), twoDigits(text, start + 2 + dashes));
}

function startOfOffset(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === Z || code === PLUS || code === DASH) return index;
  }
  return text.length;
}

interface Clock {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly microseconds: number;
  /** Whether the text ends behind it. */
  readonly isAll: boolean;
}

/** Hours, and perhaps minutes, seconds and a fraction of the last of these that is there, which stands for microseconds. */
function readClock(text: string, from: number, end: number): Clock | undefined {
  const units: [number, number, number] = [0, 0, 0];
  const hasColons = text.charCodeAt(from + 2) === COLON;
  let at = from;
  for (let unit = 0; unit < units.length; unit += 1) {
    const value = twoDigits(text, at);
    if (Number.isNaN(value)) return undefined;
    units[unit] = value;
    at += 2;
    const next = codeAt(text, at);
    if (next > LAST_ASCII) return undefined;
    if (at + 1 >= end) return clock(units, 0, next === END);
    if (hasColons && next === COLON) at += 1;
    else if (next === DOT || next === COMMA) {
      at += 1;
      break;
    } else if (hasColons) return undefined;
  }
  const microseconds = readMicroseconds(text, at, Math.min(6, end - at));
  if (microseconds === undefined) return undefined;
  at = Math.min(at + 6, end);
  while (isDigit(text.charCodeAt(at))) at += 1;
  return clock(units, microseconds, codeAt(text, at) === END);
}

function clock(units: readonly [number, number, number], microseconds: number, isAll: boolean): Clock {
  const [hours, minutes, seconds] = units;
  return { hours, minutes, seconds, microseconds, isAll };
}

function readMicroseconds(text: string, from: number, digits: number): number | undefined {
  let value = 0;
  for (let index = 0; index < 6; index += 1) {
    const code = index < digits ? text.charCodeAt(from + index) : 0x30;
    if (!isDigit(code)) return undefined;
    value = value * 10 + code - 0x30;
  }
  return value;
}

interface Offset {
  readonly seconds: number;
  readonly microseconds: number;
}

const noOffset: Offset = { seconds: 0, microseconds: 0 };

function readOffset(text: string, start: number): Offset | undefined {
  if (text.charCodeAt(start) === Z) return codeAt(text, start + 1) === END ? noOffset : undefined;
  const ahead = readClock(text, start + 1, text.length);
  if (ahead?.isAll !== true) return undefined;
  const seconds = secondsOf(ahead);
  // Python, too, leaves out the fraction of an offset that has no seconds.
  if (seconds === 0) return noOffset;
  if (seconds >= 86_400) return undefined;
  const sign = text.charCodeAt(start) === DASH ? -1 : 1;
  return { seconds: sign * seconds, microseconds: sign * ahead.microseconds };
}

function secondsOf({ hours, minutes, seconds }: Clock): number {
  return (hours * 60 + minutes) * 60 + seconds;
}

function codeAt(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : END;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The number that two characters of a text write; NaN if they are anything but digits. */
export function twoDigits(text: string, index: number): number {
  const [tens, ones] = [text.charCodeAt(index) - 0x30, text.charCodeAt(index + 1) - 0x30];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
