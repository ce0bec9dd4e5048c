import * as z from "zod";
import { KaizenError } from "../errors.ts";

/** Parses what came through a door. The error lists every problem, with what to send instead. */
export function parseArguments<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describeIssue(issue, input, schema));
  throw new KaizenError("INVALID_ARGUMENT", problems.join(" "), { cause: result.error });
}

/** One sentence, or one for each unknown key. Values are shown bounded and quoted: they are data. */
function describeIssue(issue: z.core.$ZodIssue, input: unknown, schema: z.ZodType): string[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const names = knownKeys(schema, issue.path);
    const what = path === "" ? "an argument" : `a field of ${path}`;
    return issue.keys.map((key) => `${quote(key)} is not ${what}${suggestion(key, names)}`);
  }
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    input,
  );
  if (value === undefined && issue.code === "invalid_type")
    return [`${path || "The input"} is required (${issue.expected}).`];
  return [`${path || "The input"} is ${quote(value)}: ${advice(issue, path)}.`];
}

/** What to send instead, for the mistakes that agents make most. */
function advice(issue: z.core.$ZodIssue, path: string): string {
  if (path.endsWith("quality_score")) return "it goes from 0 to 1 (divide percentages by 100)";
  if (path.endsWith("success")) return "send true or false, without quotes";
  if (issue.code === "invalid_type") return expectations[issue.expected] ?? `send ${issue.expected}`;
  if (issue.code === "invalid_value") return `send ${issue.values.map(quote).join(" or ")}`;
  if (issue.code === "too_small" && issue.origin === "number") return `the least is ${issue.minimum}`;
  if (issue.code === "too_big" && issue.origin === "number") return `the most is ${issue.maximum}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

const expectations: Readonly<Partial<Record<string, string>>> = {
  string: "send a string",
  number: "send a number, without quotes",
  int: "send an integer",
  boolean: "send true or false, without quotes",
  object: "send an object",
  record: "send an object",
  array: "send a list",
};

/** The keys that the object at a place may have; none where no object is meant there. */
function knownKeys(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional) return knownKeys(schema.unwrap(), path);
  const [key, ...inside] = path;
  if (schema instanceof z.ZodArray && key !== undefined) return knownKeys(schema.element, inside);
  if (!(schema instanceof z.ZodObject)) return [];
  return key === undefined ? Object.keys(schema.shape) : knownKeys(schema.shape[String(key)], inside);
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The end of the sentence about an unknown key, with its full stop or question mark. */
function suggestion(key: string, names: readonly string[]): string {
  const nearest = nearestName(key, names);
  if (nearest !== undefined) return `; did you mean "${nearest}"?`;
  return names.length === 0 ? "." : `; known are ${names.join(", ")}.`;
}

/** The known name that is nearest to a wrong one, if one is near: at most a third of its letters differ. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const folded = wrong.toLowerCase().replaceAll(/[-_\s]/g, "");
  const scored = names
    .map((name) => ({ name, distance: editDistance(folded, name.toLowerCase().replaceAll(/[-_\s]/g, "")) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3))) return best.name;
  return names.find((name) => folded.length >= 4 && (name.includes(folded) || name.split("_").includes(folded)));
}

/**
 * Edit distance in which two letters that changed places are one mistake (optimal string alignment), as
 * they are to who typed them. Long words are cut: they are no typo.
 */
function editDistance(a: string, b: string): number {
  const left = a.slice(0, 40);
  const right = b.slice(0, 40);
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(substituted, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}
