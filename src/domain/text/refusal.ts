import * as z from "zod";
import { isJsonObject, parseJson } from "./json.ts";
import { nearestName } from "./nearest-name.ts";

// What is said of arguments that are refused: a sentence for each mistake, about the value that came.

/** Every problem in a sentence. `place` is what stands before each path, such as `params`. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, input: unknown, place: string[] = []): string[] {
  const wrapped = wrappedFields(error, schema, input);
  return error.issues.flatMap((issue) => {
    // What stands inside of a wrapper is not missing: it is in the wrong place.
    if (issue.path.length === 1 && wrapped.has(String(issue.path[0]))) return [];
    return describeIssue(issue, input, schema, place);
  });
}

/** One sentence, or one for each unknown key. Values are shown bounded and quoted: they are data. */
function describeIssue(issue: z.core.$ZodIssue, input: unknown, schema: z.ZodType, place: string[]): string[] {
  const path = [...place, ...issue.path.map(String)].join(".");
  const value = valueAt(input, issue.path);
  if (issue.code === "unrecognized_keys") {
    const fields = objectAt(schema, issue.path)?.shape ?? {};
    const what = path === "" ? "an argument" : `a field of ${path}`;
    return issue.keys.map((key) => `${quote(key)} is not ${what}${meant(key, valueAt(value, [key]), fields)}`);
  }
  const named = path === "" ? "The input" : path;
  if (value === undefined && issue.code === "invalid_type") return [`${named} is required (${issue.expected}).`];
  return [`${named} is ${quote(value)}: ${advice(issue, value)}.`];
}

/** What to send instead of this value. */
function advice(issue: z.core.$ZodIssue, value: unknown): string {
  const isScore = issue.path.at(-1) === "quality_score";
  if (issue.code === "invalid_type") {
    const kind = kinds[issue.expected] ?? issue.expected;
    if (isScore && typeof value === "string" && !(Number(value) <= 1)) return `send ${kind}; ${scoreRange(value)}`;
    return `send ${kind}${form(issue.expected, value)}`;
  }
  if (issue.code === "too_small" || issue.code === "too_big") {
    if (isScore) return scoreRange(value);
    const [limit, word] = issue.code === "too_small" ? [issue.minimum, "least"] : [issue.maximum, "most"];
    if (issue.origin === "string" && value === "") return "it may not be empty";
    if (issue.origin === "string") return `at ${word} ${limit} characters are allowed`;
    if (issue.origin === "array") return `at ${word} ${limit} are allowed`;
    return `the ${word} is ${limit}`;
  }
  // A schema of ours may know more of a value; the library's own words begin like this.
  const isOwn = !issue.message.startsWith("Invalid ");
  if (issue.code === "invalid_value" && !isOwn) return `send ${issue.values.map(quote).join(" or ")}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

function scoreRange(value: unknown): string {
  const isPercentage = Number.parseFloat(String(value)) > 1;
  return isPercentage ? "it goes from 0 to 1 (divide percentages by 100)" : "it goes from 0 to 1";
}

const kinds: Readonly<Partial<Record<string, string>>> = {
  string: "a string",
  number: "a number",
  int: "an integer",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** What is wrong with the form of a value that would do otherwise. */
function form(expected: string, value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) return " that is finite";
  if (typeof value !== "string") return "";
  if (expected === "boolean") return ", without quotes";
  if (expected === "number" || expected === "int") {
    return value.trim() !== "" && Number.isFinite(Number(value)) ? ", without quotes" : "";
  }
  const held = parseJson(value);
  if (expected === "array") return Array.isArray(held) ? " itself, not its JSON as text" : "";
  return isJsonObject(held) ? " itself, not its JSON as text" : "";
}

/** The end of the sentence about an unknown key, with its full stop or question mark. */
function meant(key: string, value: unknown, fields: Fields): string {
  if (heldFields(value, fields).length > 0) return "; send what it holds as the arguments themselves.";
  // A name that only resembles is none for a value that it cannot take.
  const names = Object.keys(fields);
  const nearest = nearestName(key, isStructure(value) ? names.filter((name) => takes(fields[name], value)) : names);
  if (nearest !== undefined) return `; did you mean "${nearest}"?`;
  return names.length === 0 ? "." : `; known are ${names.join(", ")}.`;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields that an unknown argument holds, if it is what some frameworks put around the arguments. */
function heldFields(value: unknown, fields: Fields): string[] {
  const held = typeof value === "string" ? parseJson(value) : value;
  return isJsonObject(held) ? Object.keys(held).filter((name) => Object.hasOwn(fields, name)) : [];
}

function wrappedFields(error: z.ZodError, schema: z.ZodType, input: unknown): ReadonlySet<string> {
  const fields = objectAt(schema, [])?.shape ?? {};
  const unknown = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [],
  );
  return new Set(unknown.flatMap((key) => heldFields(valueAt(input, [key]), fields)));
}

function isStructure(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Whether a value is of a field's kind, if not within its limits. */
function takes(field: unknown, value: unknown): boolean {
  const issues = field instanceof z.ZodType ? field.safeParse(value).error?.issues : undefined;
  return issues === undefined || !issues.some(({ code, path }) => code === "invalid_type" && path.length === 0);
}

/** The object that the schema wants at a place; `undefined` if it wants none there. */
function objectAt(schema: unknown, path: readonly PropertyKey[]): z.ZodObject | undefined {
  if (schema instanceof z.ZodOptional) return objectAt(schema.unwrap(), path);
  const [key, ...inside] = path;
  if (schema instanceof z.ZodArray && key !== undefined) return objectAt(schema.element, inside);
  if (!(schema instanceof z.ZodObject)) return undefined;
  return key === undefined ? schema : objectAt(schema.shape[String(key)], inside);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    input,
  );
}

function quote(value: unknown): string {
  // JSON would say null of what is no finite number.
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
