import * as z from "zod";
import { parseArguments as parseFields } from "../../domain/text/arguments.ts";
import { KaizenError } from "../../errors.ts";
import type { Command, FlagSpec, FlagSpecs, Given } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";

// A flag for each field of a schema of the domain: what may be said, and in what words, is decided there alone.

type Flags = Given["flags"];
type FieldKind = "string" | "number" | "boolean";

/** The flags for these fields, `quality_score` as `--quality-score`, with the schema's own descriptions; the usage has `within` for all. */
export function flagsOf(schema: z.ZodObject, names: readonly string[], within?: string): FlagSpecs {
  const inUsage = within === undefined ? {} : { within };
  return Object.fromEntries(
    names.map((name): [string, FlagSpec] => {
      const field = fieldOf(schema, name);
      const description = field.description ?? "";
      const kind = kindOf(field);
      if (kind === "boolean") return [flagName(name), { type: "boolean", description, ...inUsage }];
      return [flagName(name), { type: "string", value: placeholder(field), description, ...inUsage }];
    }),
  );
}

/** What was given for these fields, each checked by its schema. Throws INVALID_ARGUMENT in terms of flags. */
export function readFlags(
  schema: z.ZodObject,
  names: readonly string[],
  flags: Flags,
  command?: Pick<Command, "name">,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const text = flags[flagName(name)];
    if (text === undefined) continue;
    const field = fieldOf(schema, name);
    values[name] = checkedField(field, name, kindOf(field) === "number" ? numberOf(text) : text, command);
  }
  return values;
}

/** One field's value as its schema takes it; the problem names `label`, which is what a person typed. */
export function checkedField(
  field: z.ZodType,
  name: string,
  value: unknown,
  command?: Pick<Command, "name">,
  label = `--${flagName(name)}`,
): unknown {
  try {
    return Object.values(parseFields(z.object({ [name]: field }), { [name]: value }))[0];
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    throw usageError(label + error.message.slice(name.length).replace(", without quotes", ""), command);
  }
}

export function flagName(field: string): string {
  return field.replaceAll("_", "-");
}

function fieldOf(schema: z.ZodObject, name: string): z.ZodType {
  const field = schema.shape[name];
  if (!(field instanceof z.ZodType)) throw new Error(`the schema has no field ${name}`);
  return field;
}

function inner(field: unknown): unknown {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault ? inner(field.unwrap()) : field;
}

function kindOf(field: z.ZodType): FieldKind {
  const type = inner(field);
  if (type instanceof z.ZodBoolean) return "boolean";
  return type instanceof z.ZodNumber ? "number" : "string";
}

function placeholder(field: z.ZodType): string {
  const type = inner(field);
  if (type instanceof z.ZodEnum) return type.options.join("|");
  return type instanceof z.ZodNumber ? "NUMBER" : "TEXT";
}

/** Text that is no number stays text: the schema then says what it should have been. */
export function numberOf(value: Flags[string]): unknown {
  return typeof value === "string" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim())
    ? Number(value)
    : value;
}
