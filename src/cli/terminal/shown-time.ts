import { readInstant } from "../../domain/run/time.ts";
import { plainLine } from "../../domain/text/plain-text.ts";

/** The forms in which our own sentences have an instant. */
export const ownInstants = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z/g;

/** `2026-11-21 18:00`; a timestamp of another writer that is none is shown as it stands. */
export function shownTime(timestamp: string | null, utc: boolean): string {
  if (timestamp === null) return "n/a";
  const at = readInstant(timestamp);
  if (at === undefined) return plainLine(timestamp, 64);
  const date = new Date(at);
  const [year, month, day, hour, minute] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes()];
  return `${padded(year, 4)}-${padded(month + 1)}-${padded(day)} ${padded(hour)}:${padded(minute)}`;
}

function padded(number: number, digits = 2): string {
  return String(number).padStart(digits, "0");
}
