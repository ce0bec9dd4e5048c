// Figures and dates as text, in the time zone of the reader. Nothing is computed here but the rounding.

export const missing = "–";

/** "78%". */
export function percent(rate: number | null): string {
  return rate === null ? missing : `${Math.round(100 * rate)}%`;
}

/** "72–83%". */
export function range({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${Math.round(100 * low)}–${Math.round(100 * high)}%`;
}

/** "+16", in points of a hundred. */
export function points(difference: number): string {
  const rounded = Math.round(100 * difference);
  return rounded === 0 ? "0" : `${rounded > 0 ? "+" : "−"}${Math.abs(rounded)}`;
}

/** "40 of 60". */
export function share({ runs, successes }: { readonly runs: number; readonly successes: number }): string {
  return runs === 0 ? "no runs" : `${whole(successes)} of ${whole(runs)}`;
}

/** "1 run", "2 runs". */
export function counted(count: number, word: string): string {
  return `${whole(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** "12,345". */
export function whole(count: number): string {
  return count.toLocaleString("en-GB");
}

/** "32 s", "4.2 min". */
export function seconds(time: number | null): string {
  if (time === null) return missing;
  if (time < 10) return `${trimmed(time, 1)} s`;
  if (time < 120) return `${Math.round(time)} s`;
  return time < 7_200 ? `${trimmed(time / 60, 1)} min` : `${trimmed(time / 3_600, 1)} h`;
}

/** "$0.035", "$1.20". */
export function dollars(amount: number): string {
  return `$${amount < 0.1 ? amount.toFixed(3) : amount.toFixed(2)}`;
}

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.0+$/, "");
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const momentFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** "28 Nov". */
export function day(at: string | Date | null): string {
  return at === null ? missing : readable(dayFormat, new Date(at));
}

/** The local midnight that a day of the model begins with, for its name. */
export function localDay(name: string): string {
  return `${name}T00:00`;
}

/** "28 Nov, 16:04". */
export function moment(at: string | null): string {
  return at === null ? missing : readable(momentFormat, new Date(at));
}

/** "28 Nov 2026, 16:04". */
export function fullMoment(at: string): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

function readable(format: Intl.DateTimeFormat, date: Date): string {
  return Number.isNaN(date.getTime()) ? missing : format.format(date);
}

/** "2 h ago"; without a clock, as on a copy of the page, the moment itself. */
export function ago(at: string | null, now: number | undefined): string {
  if (at === null || now === undefined) return moment(at);
  const text = lasting(at, now);
  return text === missing ? missing : `${text} ago`;
}

/** "4 min": how long it has been. */
export function lasting(at: string, now: number): string {
  const minutes = (now - Date.parse(at)) / 60_000;
  if (Number.isNaN(minutes)) return missing;
  if (minutes < 60) return `${Math.max(1, Math.round(minutes))} min`;
  return minutes < 36 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} d`;
}

/** A sentence of the program with its instants as local times, which stay on one line; only for those no agent wrote. */
export function localTimes(sentence: string): string {
  return sentence.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, (instant) =>
    moment(instant).replaceAll(" ", "\u00a0"),
  );
}
