import type { JsonObject, JsonValue } from "../../domain/text/json.ts";

/** Clients refuse an answer above 25,000 tokens; a token of JSON is about four bytes. Any run that we take fits whole. */
export const MAX_OUTPUT_BYTES = 70_000;

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Deeper than this, other programs give up on JSON, ours among them; our own records have 32 levels at most. */
const MAX_DEPTH = 200;

function isTooDeep(value: JsonValue): boolean {
  let level: JsonValue[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
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
export function boundedRecord(whole: JsonObject): JsonObject {
  const record = isTooDeep(whole) ? withoutDepths(whole) : whole;
  if (jsonBytes(record) <= MAX_OUTPUT_BYTES) return record;
  const entries = Object.entries(record).sort(([, a], [, b]) => jsonBytes(a) - jsonBytes(b));
  const kept = entries.slice(0, KEPT_ENTRIES).map(([key, value]) => [cut(key), shortened(value)] as const);
  return { ...Object.fromEntries(kept), shortened_from_bytes: jsonBytes(record) };
}

function withoutDepths(record: JsonObject): JsonObject {
  const entries = Object.entries(record).map(([key, value]) => [key, isTooDeep(value) ? "nested too deeply" : value]);
  return Object.fromEntries(entries);
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
