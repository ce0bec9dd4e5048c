import type * as z from "zod";
import { KaizenError } from "../../errors.ts";
import { problemsOf } from "./refusal.ts";
import { withoutNulls } from "./without-nulls.ts";

/** Parses what came through a door. The error lists every problem, with what to send instead. */
export function parseArguments<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const given = withoutNulls(schema, input);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new KaizenError("INVALID_ARGUMENT", problemsOf(result.error, schema, given).join(" "), { cause: result.error });
}
