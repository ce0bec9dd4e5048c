import * as z from "zod";
import type { JsonObject } from "../domain/text/json.ts";
import { asJson, BARE_WORDS, parseForeignObject } from "./foreign-json.ts";
import type { LineReader } from "./run-line.ts";

/**
 * Reads a line of a file beside the log: `undefined` if it holds no such record, `blank` if it holds nothing at
 * all. NaN and Infinity are null, as in the log. In an optional field that has no meaning for null it is as good as leaving the
 * field out.
 */
export function decodeSideLine<S extends z.ZodObject>(
  schema: S,
  line: Buffer | string,
): z.output<S> | "blank" | undefined {
  const text = line.toString().trim();
  if (text === "") return "blank";
  const object = parseForeignObject(text);
  // A file may have a great many lines of something else, and saying all that is wrong with each takes long.
  if (object === undefined || !hasRequired(schema, object)) return undefined;
  const read = schema.safeParse(object).data;
  if (read !== undefined) return read;
  const given = Object.entries(object).filter(([key, value]) => value !== null || !isWithoutNull(schema, key));
  return schema.safeParse(Object.fromEntries(given)).data;
}

/** The fields that each kind of line has in any case. */
const requiredOf = new WeakMap<z.ZodObject, readonly string[]>();

function hasRequired(schema: z.ZodObject, object: JsonObject): boolean {
  const required = requiredOf.get(schema) ?? Object.keys(schema.shape).filter((key) => isRequired(schema.shape[key]));
  requiredOf.set(schema, required);
  return required.every((key) => Object.hasOwn(object, key));
}

function isRequired(field: z.core.$ZodType | undefined): boolean {
  return field !== undefined && !z.safeParse(field, undefined).success;
}

function isWithoutNull(schema: z.ZodObject, key: string): boolean {
  const field = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
  return field instanceof z.ZodOptional && !field.safeParse(null).success;
}

/** The line as JSON that every program reads, with the digits of its writer. */
export function sideLineText(line: Buffer | string): string {
  return asJson(line.toString().trim());
}

/** Says of a line of a file beside the log what is wrong with it. `reason` is for one that holds no such record. */
export function sideLineReader(decode: (line: Buffer) => object | "blank" | undefined, reason: string): LineReader {
  return (line) => {
    if (decode(line) === undefined) return { damage: { reason, lost: true, readable: [] } };
    const text = line.toString();
    return asJson(text) === text ? {} : { damage: { reason: BARE_WORDS, lost: false, readable: [text] } };
  };
}
