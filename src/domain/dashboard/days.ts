import { DAY_MS } from "../run/time.ts";
import type { Counts } from "../statistics/statistics.ts";
import { ratedOf } from "./rated.ts";
import type { AgentModel } from "./view-model.ts";

/** So many days have a bar each; of more, the weeks have one. */
const LONGEST_IN_DAYS = 90;
const SHOWN_WEEKS = 104;
/** 1970-01-01 was a Thursday. */
const FIRST_MONDAY = 4;

/** The rates of days, or of weeks by their Monday if they span more than 90 days. `day` counts from 1970-01-01. */
export function daysModel(days: readonly (Counts & { readonly day: number })[]): AgentModel["days"] {
  const [first, last] = [days[0]?.day ?? 0, days.at(-1)?.day ?? 0];
  const isLong = last - first >= LONGEST_IN_DAYS;
  const sums = new Map<number, { runs: number; successes: number }>();
  for (const { day, runs, successes } of days) {
    const start = isLong ? day - ((((day - FIRST_MONDAY) % 7) + 7) % 7) : day;
    const sum = sums.get(start) ?? { runs: 0, successes: 0 };
    sums.set(start, { runs: sum.runs + runs, successes: sum.successes + successes });
  }
  const rows = [...sums].map(([day, counts]) => ({ day: dateOf(day), ...ratedOf(counts) }));
  return { unit: isLong ? "week" : "day", rows: rows.slice(-SHOWN_WEEKS) };
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
