import { isJsonObject, type JsonObject, type JsonValue } from "../../domain/text/json.ts";

// What stands in a line of a transcript may be of any type, and is left out if it is of another than we know. With zod, a
// long transcript takes several times as long: this is the one place that reads without it.

export function text(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.[name];
  return typeof value === "string" ? value : undefined;
}

export function object(parent: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = parent?.[name];
  return isJsonObject(value) ? value : undefined;
}

export function objects(parent: JsonObject | undefined, name: string): JsonObject[] {
  const value = parent?.[name];
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

export function isTrue(object: JsonObject | undefined, name: string): boolean {
  return object?.[name] === true;
}

export function number(object: JsonObject | undefined, name: string): number | undefined {
  const value = object?.[name];
  return typeof value === "number" ? value : undefined;
}

/** No request has as many tokens. */
const MOST_TOKENS = 1e10;

/** A number of tokens; 0 for what is none. */
export function tokens(object: JsonObject | undefined, name: string): number {
  const value = object?.[name];
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? Math.min(value, MOST_TOKENS) : 0;
}

/** The text of a message or a result: as it is, or in blocks. */
export function textOf(content: JsonValue | undefined, between = " "): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((block) => (isJsonObject(block) ? (text(block, "text") ?? "") : "")).join(between);
}
