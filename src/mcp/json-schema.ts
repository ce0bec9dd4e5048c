import * as z from "zod";
import { isJsonObject, type JsonObject, type JsonValue } from "../domain/json.ts";

/** A JSON schema for clients: only words that every client understands, and as few bytes as possible. */
export interface ObjectSchema extends JsonObject {
  readonly type: "object";
}

/** The schema of what a tool takes. Closed at the root, so that a client may refuse an unknown argument itself. */
export function inputSchema(schema: z.ZodObject): ObjectSchema {
  return { ...clientSchema(schema, "input"), additionalProperties: false };
}

/**
 * The schema of what a tool gives: open, so that a later version may give more, and only names and types of its first level.
 * The rest shows in the answer, and would cost every session of every client.
 */
export function outputSchema(schema: z.ZodObject): ObjectSchema {
  const { properties } = clientSchema(schema, "output");
  const parts = Object.entries(isJsonObject(properties) ? properties : {});
  return { type: "object", properties: Object.fromEntries(parts.map(([name, part]) => [name, withoutInside(part)])) };
}

function withoutInside(part: JsonValue): JsonValue {
  if (!isJsonObject(part)) return part;
  const { properties, required, items, ...outside } = part;
  return isJsonObject(items) ? { ...outside, items: { type: items.type ?? "object" } } : outside;
}

function clientSchema(schema: z.ZodObject, io: "input" | "output"): ObjectSchema {
  const whole: unknown = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io })));
  const simple = isJsonObject(whole) ? simplified(whole) : {};
  return { ...simple, type: "object" };
}

/** What some client rejects or cuts, or what says too little for its bytes. The parser holds to all of it nevertheless. */
const droppedWords: ReadonlySet<string> = new Set([
  "$schema",
  "additionalProperties",
  "propertyNames",
  "pattern",
  "minLength",
  "maxLength",
  "maxItems",
]);

function simplified(schema: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [word, value] of Object.entries(schema)) {
    if (droppedWords.has(word) || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) continue;
    if (word === "properties" && isJsonObject(value)) {
      kept.properties = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, simplifiedPart(part)]));
    } else if (word === "anyOf" && Array.isArray(value)) {
      Object.assign(kept, orNull(value));
    } else {
      kept[word] = word === "items" ? simplifiedPart(value) : value;
    }
  }
  return kept;
}

function simplifiedPart(value: JsonValue): JsonValue {
  return isJsonObject(value) ? simplified(value) : value;
}

/** A nullable scalar in the short form. Any other union has no place in a tool. */
function orNull(options: JsonValue[]): JsonObject {
  const [one, none] = options.filter(isJsonObject);
  if (options.length !== 2 || one === undefined || typeof one.type !== "string" || none?.type !== "null") {
    throw new Error(`a tool's schema holds a union that clients do not understand: ${JSON.stringify(options)}`);
  }
  return { ...simplified(one), type: [one.type, "null"] };
}
