import * as z from "zod";
import { KaizenError } from "../../errors.ts";
import type { JsonObject } from "../text/json.ts";
import { FROM_TRANSCRIPT, jsonObjectSchema } from "./execution.ts";
import { hasExpired, type RetentionDays, retentionCutoff } from "./retention.ts";
import { DAY_MS, formatInstant, parseInstant, tidyTimestamp } from "./time.ts";

/** Some thirty years, in seconds: an instant, counted from 1970 in seconds or milliseconds, lies above it. */
const LONGEST_RUN_S = 1e9;

/** One run as its agent reports it. The shape that every door takes; unknown fields belong into `extra`. */
export const reportedExecutionSchema = z.strictObject({
  agent: z.string().describe('e.g. "code-reviewer"'),
  success: z.boolean().describe("Whether the run reached its goal"),
  quality_score: z.number().min(0).max(1).optional().describe("Own judgement, 0 to 1, e.g. 0.85"),
  execution_time_s: z
    .number()
    .min(0)
    // Not a maximum: the schema is sent to every client.
    .refine((seconds) => seconds <= LONGEST_RUN_S, "no run takes as long")
    .optional()
    .describe("Duration in seconds, e.g. 12.5"),
  task: z.string().min(1).max(200).optional().describe('Kind of work, e.g. "review"'),
  error_type: z.string().max(200).optional().describe('e.g. "TimeoutError"'),
  error: z.string().max(8000).optional().describe('Message, e.g. "exit code 1"'),
  notes: z.string().max(8000).optional().describe("Worth remembering"),
  model: z.string().max(200).optional().describe('e.g. "claude-opus-4"'),
  version: z.string().max(200).optional().describe('Of the prompt or agent, e.g. "3"'),
  input_tokens: z.int().min(0).optional().describe("Tokens read, e.g. 1800"),
  output_tokens: z.int().min(0).optional().describe("Tokens written, e.g. 420"),
  cost_usd: z.number().min(0).optional().describe("US dollars, e.g. 0.031"),
  timestamp: z.string().max(64).optional().describe("End, e.g. 2026-11-22T10:00:00Z; default: now"),
  idempotency_key: z.string().min(1).max(256).optional().describe("Same for each retry"),
  extra: jsonObjectSchema.optional().describe('Further fields, e.g. {"tests_passed": 12}'),
});

export type ReportedExecution = z.infer<typeof reportedExecutionSchema>;

/** A name that an `extra` may not use: it means something already. */
export function isKnownField(name: string): boolean {
  return name === "id" || Object.hasOwn(reportedExecutionSchema.shape, name);
}

/**
 * Names that an `extra` may not use either: in a record of ours they would pass for what a verification or a hook of this
 * program says. Records of other writers are read as they are.
 */
export const reservedFields: readonly string[] = [
  ...["verified", "verified_by", "recorded_by", "earlier", "via", "unproven", "withdrawn", FROM_TRANSCRIPT],
];

/** The record's keys as reported: `extra` merged into the top level, the fields that were left out absent. */
export function reportedRecord(report: ReportedExecution): JsonObject {
  const { extra, ...fields } = report;
  const clash = Object.keys(extra ?? {}).find(isKnownField);
  if (clash !== undefined) {
    throw new KaizenError("INVALID_ARGUMENT", `extra may not hold "${clash}": that name has a meaning of its own.`, {
      hint: clash === "id" ? "Leave it out: the store gives the id." : `Send ${clash} as an argument beside extra.`,
    });
  }
  const reserved = reservedFields.find((name) => Object.hasOwn(extra ?? {}, name));
  if (reserved !== undefined) {
    throw new KaizenError("INVALID_ARGUMENT", `extra may not hold "${reserved}": a run does not say that of itself.`, {
      hint: "Leave it out. What a check of the run found is said with verify_execution.",
    });
  }
  const record: JsonObject = { ...extra };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) record[name] = value;
  }
  return record;
}

/** How far ahead of our clock a reported timestamp may be: clocks and time zones differ by less than a day. */
const LARGEST_LEAD_MS = DAY_MS;

/** Whether an instant (ms) is further ahead of the clock than clocks differ: no run that has ended was then. */
export function isAhead(at: number | undefined, now: number): boolean {
  return at !== undefined && at > now + LARGEST_LEAD_MS;
}

export const AHEAD = "is more than a day ahead of this machine's clock";

/** The largest record, as compact JSON in UTF-8. */
const MAX_RECORD_BYTES = 64 * 1024;

/** The record as it is to stand in the log: with the id, and with the timestamp that was left out. */
export function completeRecord(
  reported: JsonObject,
  context: { now: number; retentionDays: RetentionDays; id: string },
): JsonObject {
  const record = { ...reported, id: context.id };
  const timestamp = typeof reported.timestamp === "string" ? checkedTimestamp(reported.timestamp, context) : undefined;
  const complete = { ...record, timestamp: timestamp ?? formatInstant(context.now) };
  const bytes = new TextEncoder().encode(JSON.stringify(complete)).length;
  if (bytes <= MAX_RECORD_BYTES) return complete;
  throw new KaizenError("INVALID_ARGUMENT", `The run takes ${bytes} bytes; ${MAX_RECORD_BYTES} are allowed.`, {
    hint: "Shorten error, notes or extra, or keep the long part in a file and send its name.",
  });
}

/** A timestamp with an offset stays as it was written; without one it means UTC, and says so from here on. */
function checkedTimestamp(given: string, context: { now: number; retentionDays: RetentionDays }): string {
  const text = tidyTimestamp(given);
  const instant = parseInstant(text);
  const refusal = (what: string) =>
    new KaizenError("INVALID_ARGUMENT", `timestamp ${JSON.stringify(given)} ${what}.`, {
      hint: "Leave timestamp out for a run that has just ended, or send ISO 8601 such as 2026-11-22T10:00:00Z.",
    });
  if (instant === undefined) throw refusal("is not an ISO 8601 date and time");
  if (isAhead(instant.at, context.now)) throw refusal(AHEAD);
  if (hasExpired(instant.at, retentionCutoff(context.retentionDays, context.now))) {
    throw refusal(`is older than the ${context.retentionDays} days that runs are kept`);
  }
  return instant.hasOffset ? text : withZ(text, instant.at);
}

/** The form without an offset that nearly every client sends. */
const usualForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?:(:\d{2})(?:[.,](\d+))?)?)?$/;

/** A timestamp without an offset gets its `Z`. The fraction of the second and an unusual spelling stay as written. */
function withZ(naive: string, at: number): string {
  const usual = usualForm.exec(naive);
  if (usual !== null) {
    const [, date, minutes = "00:00", seconds = ":00", fraction] = usual;
    return `${date}T${minutes}${seconds}${fraction === undefined ? "" : `.${fraction}`}Z`;
  }
  // Behind a date alone, the `Z` would be what stands before a time.
  return parseInstant(`${naive}Z`)?.at === at ? `${naive}Z` : `${naive}T00:00:00Z`;
}
