import type { JsonObject, JsonValue } from "../domain/json.ts";

/** Clients refuse an answer above 25,000 tokens; a token of JSON is about four bytes. Any run that we take fits whole. */
export const MAX_OUTPUT_BYTES = 70_000;

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** How many of the first items go into one answer: as many as fit, and never none, so that a reader always gets on. */
export function fittingCount(items: readonly unknown[], maxBytes = MAX_OUTPUT_BYTES): number {
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    bytes += jsonBytes(item) + 1;
    if (bytes > maxBytes) return Math.max(1, index);
  }
  return items.length;
}

const KEPT_CHARACTERS = 500;
const KEPT_ENTRIES = 50;

/**
 * The record as it is, or shortened where it alone is larger than an answer may be: other writers set no limit, and a
 * reader who is refused one page can never reach the next.
 */
export function boundedRecord(record: JsonObject): JsonObject {
  if (jsonBytes(record) <= MAX_OUTPUT_BYTES) return record;
  const entries = Object.entries(record).sort(([, a], [, b]) => jsonBytes(a) - jsonBytes(b));
  const kept = entries.slice(0, KEPT_ENTRIES).map(([key, value]) => [cut(key), shortened(value)] as const);
  return { ...Object.fromEntries(kept), shortened_from_bytes: jsonBytes(record) };
}

function shortened(value: JsonValue): JsonValue {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value);
  return text.length > KEPT_CHARACTERS ? cut(text) : value;
}

function cut(text: string): string {
  return text.length <= KEPT_CHARACTERS ? text : `${text.slice(0, KEPT_CHARACTERS)}… [${text.length} characters]`;
}
