import * as z from "zod";
import { isJsonObject } from "./json.ts";

/**
 * The input in which an optional field that came as `null` is left out, as frameworks fill in what a model did not say.
 * Only the fields that the schema names are looked at: in a free-form object `null` is a value.
 */
export function withoutNulls(schema: unknown, input: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return withoutNulls(schema.unwrap(), input);
  if (schema instanceof z.ZodArray && Array.isArray(input)) {
    return input.map((item: unknown) => withoutNulls(schema.element, item));
  }
  if (!(schema instanceof z.ZodObject) || !isJsonObject(input)) return input;
  return Object.fromEntries(
    Object.entries(input).flatMap(([key, value]) => {
      const field: unknown = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
      return value === null && mayBeLeftOut(field) ? [] : [[key, withoutNulls(field, value)]];
    }),
  );
}

/** A field that takes `null` as a value keeps it. */
function mayBeLeftOut(field: unknown): boolean {
  return field instanceof z.ZodType && field.safeParse(undefined).success && !field.safeParse(null).success;
}
