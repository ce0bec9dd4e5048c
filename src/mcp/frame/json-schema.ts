import * as z from "zod";
import { isJsonObject, type JsonObject, type JsonValue } from "../../domain/text/json.ts";

/** A JSON schema for clients: only words that every client understands, and as few bytes as possible. */
export interface ObjectSchema extends JsonObject {
  readonly type: "object";
}

/** The schema of what a tool takes. Closed at the root, so that a client may refuse an unknown argument itself. */
export function inputSchema(schema: z.ZodObject): ObjectSchema {
  const simple = clientSchema(schema, "input");
  const union = /"(?:anyOf|oneOf|allOf|\$ref)":|"type":\[/.exec(JSON.stringify(simple))?.[0];
  if (union !== undefined) throw new Error(`a tool takes what some clients do not understand: ${union}`);
  return { ...simple, additionalProperties: false };
}

/**
 * The schema of what a tool gives: open, so that a later version may give more, and of it the names that are always there.
 * No client is known that shows it to a model, and every session of every client would pay for the rest.
 */
export function outputSchema(schema: z.ZodObject): ObjectSchema {
  const { required } = clientSchema(schema, "output");
  const names = Array.isArray(required) ? required.map(String) : [];
  return { type: "object", properties: Object.fromEntries(names.map((name) => [name, {}])) };
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
    } else {
      kept[word] = word === "items" ? simplifiedPart(value) : value;
    }
  }
  return kept;
}

function simplifiedPart(value: JsonValue): JsonValue {
  return isJsonObject(value) ? simplified(value) : value;
}
