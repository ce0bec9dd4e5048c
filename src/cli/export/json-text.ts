import type { JsonValue } from "../../domain/text/json.ts";

/** A value as JSON. Other writers may have nested one more deeply than it can be written: then it says so. */
export function jsonText(value: JsonValue): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '"(nested too deeply)"';
    throw error;
  }
}
