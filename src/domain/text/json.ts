import { byCodePoint } from "./code-point-order.ts";

/** A JSON value as it comes from a line on disk or from a request. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

/** The value that a text is the JSON of; `undefined` for a text that is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is nested more deeply is not looked at by what follows: with each level it takes more of the stack. */
const MOST_COMPARED_LEVELS = 500;

/** Equality of JSON values: order of keys does not matter, order of items does. Down to 500 levels. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined, levels = MOST_COMPARED_LEVELS): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return levels === 0 || (a.length === b.length && a.every((item, at) => sameJson(item, b[at], levels - 1)));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  const isSame = (key: string) => Object.hasOwn(b, key) && sameJson(a[key], b[key], levels - 1);
  return levels === 0 || (keys.length === Object.keys(b).length && keys.every(isSame));
}

/** A text that values share if `sameJson` has them equal, and no others do: among many, one is found by it. */
export function comparableText(value: JsonValue | undefined, levels = MOST_COMPARED_LEVELS): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (levels === 0) return Array.isArray(value) ? "[…]" : "{…}";
  if (Array.isArray(value)) return `[${value.map((item) => comparableText(item, levels - 1)).join()}]`;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${members
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, item]) => `${JSON.stringify(key)}:${comparableText(item, levels - 1)}`)
    .join()}}`;
}

/** Whether arrays and objects are nested more deeply than this in a value. */
export function isDeeperThan(levels: number, value: JsonValue): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(levels - 1, item));
}

/** Whether a value is nested so deeply that it is compared in part, and may be too deep to be written again. */
export function isComparedInPart(value: JsonValue): boolean {
  return isDeeperThan(MOST_COMPARED_LEVELS, value);
}
