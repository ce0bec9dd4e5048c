import { parseInstant, tidyTimestamp } from "../../domain/run/time.ts";
import { KaizenError } from "../../errors.ts";

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/**
 * How a person says when: an age such as `7d`, a day by its name, or a date or time. What has no offset is meant by the
 * clock by which times are shown.
 */
export function typedInstant(
  name: string,
  text: string | undefined,
  { now, utc }: { now(): number; readonly utc: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const typed = text.trim().toLowerCase();
  const [, count = "", unit = ""] = /^(\d{1,5})([mhdw])$/.exec(typed) ?? [];
  if (count !== "") return now() - Number(count) * (units[unit] ?? 0);
  const daysAgo = ["today", "yesterday"].indexOf(typed);
  if (daysAgo < 0) return instantIn(name, text, utc);
  const day = new Date(now());
  return utc
    ? Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() - daysAgo)
    : new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysAgo).getTime();
}

function instantIn(name: string, text: string, utc: boolean): number {
  const instant = parseInstant(tidyTimestamp(text));
  if (instant !== undefined) return utc || instant.hasOffset ? instant.at : byClockOfHere(instant.at);
  throw new KaizenError(
    "INVALID_ARGUMENT",
    `${name} is no time that is understood: ${JSON.stringify(text.slice(0, 64))}.`,
    {
      hint: 'Say it like 7d, 24h, yesterday, 2026-11-22, "2026-11-22 10:00" or 2026-11-22T10:00:00Z. Without an offset it is local time, and with --utc UTC.',
    },
  );
}

/** The instant at which a clock of here shows what one of UTC shows at another. */
function byClockOfHere(at: number): number {
  const shown = new Date(at);
  const here = new Date(0);
  here.setFullYear(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate());
  here.setHours(shown.getUTCHours(), shown.getUTCMinutes(), shown.getUTCSeconds(), shown.getUTCMilliseconds());
  return here.getTime();
}
