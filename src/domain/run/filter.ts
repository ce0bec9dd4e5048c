import { KaizenError } from "../../errors.ts";
import type { Execution } from "./execution.ts";
import { parseInstant, tidyTimestamp } from "./time.ts";

/** Which runs are meant. Every part that is given has to match; `since` is inclusive, `until` exclusive. */
export interface ExecutionFilter {
  readonly success?: boolean | undefined;
  readonly task?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  /** Instants in ms. */
  readonly sinceAt?: number | undefined;
  readonly untilAt?: number | undefined;
}

export function matchesFilter(run: Execution, filter: ExecutionFilter): boolean {
  if (filter.success !== undefined && run.success !== filter.success) return false;
  for (const field of ["task", "model", "version"] as const) {
    if (filter[field] !== undefined && run.record[field] !== filter[field]) return false;
  }
  if (filter.sinceAt !== undefined && !(run.at !== undefined && run.at >= filter.sinceAt)) return false;
  return filter.untilAt === undefined || (run.at !== undefined && run.at < filter.untilAt);
}

export function isEmptyFilter(filter: ExecutionFilter): boolean {
  return Object.values(filter).every((part) => part === undefined);
}

/** Reads the instant (ms) of an argument such as `since`. */
export function instantArgument(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const instant = parseInstant(tidyTimestamp(text));
  if (instant !== undefined) return instant.at;
  throw new KaizenError(
    "INVALID_ARGUMENT",
    `${name} is not an ISO 8601 date or time: ${JSON.stringify(text.slice(0, 64))}.`,
    {
      hint: `Send ${name} like 2026-11-22 or 2026-11-22T10:00:00Z; without an offset it means UTC.`,
    },
  );
}
