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
  const match = isoPattern.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((group) => Number(match[group] ?? 0));
  const fraction = Math.trunc(Number(`0.${match[7] ?? "0"}`) * 1000);
  const fields = [year, month, day, hour, minute, second] as [number, number, number, number, number, number];
  if (fields[3] > 23 || fields[4] > 59 || fields[5] > 59) return undefined;
  const utc = new Date(0);
  utc.setUTCFullYear(fields[0], fields[1] - 1, fields[2]);
  if (utc.getUTCMonth() !== fields[1] - 1 || utc.getUTCDate() !== fields[2]) return undefined;
  const offset = offsetMinutes(match[8]);
  if (offset === undefined) return undefined;
  const time = ((fields[3] * 60 + fields[4] - offset) * 60 + fields[5]) * 1000 + fraction;
  return { at: utc.getTime() + time, hasOffset: match[8] !== undefined };
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
