import { FROM_TRANSCRIPT } from "../run/execution.ts";
import type { JsonObject } from "../text/json.ts";
import type { Facts } from "./evidence.ts";

/** What a report may lack. */
const fieldsOf: Readonly<Record<string, (facts: Facts) => number | string | null | undefined>> = {
  execution_time_s: ({ duration_s }) => duration_s,
  model: ({ model }) => model,
  // As in a report: all that was read, from the cache too.
  input_tokens: ({ tokens }) => tokens && tokens.input + tokens.cache_read + tokens.cache_write,
  output_tokens: ({ tokens }) => tokens?.output,
  cost_usd: ({ cost_usd }) => cost_usd,
};

/** What the transcript says of a run that its report left out, with the names of it; nothing if it says no more. */
export function measuredBeside(reported: JsonObject, facts: Facts | undefined): JsonObject {
  if (facts === undefined) return {};
  const found = Object.entries(fieldsOf).flatMap(([name, read]): [string, number | string][] => {
    const value = Object.hasOwn(reported, name) ? undefined : read(facts);
    return value === undefined || value === null ? [] : [[name, value]];
  });
  if (found.length === 0) return {};
  return { ...Object.fromEntries(found), [FROM_TRANSCRIPT]: found.map(([name]) => name) };
}
