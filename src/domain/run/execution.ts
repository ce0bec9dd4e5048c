import * as z from "zod";
import { isJsonObject, type JsonObject, type JsonValue, sameJson } from "../text/json.ts";
import { readInstant, tidyTimestamp } from "./time.ts";

/** A run as the rules see it: the record with every key that its writer gave it, and what we can read from it. */
export interface Execution {
  readonly record: JsonObject;
  /** The handle for verdicts: the id that we gave at `record`, else one that is made of what the run says. */
  readonly id: string;
  readonly key: string | undefined;
  readonly success: boolean;
  /** As written, for `last_execution`. A number is a Unix time and is shown as ISO 8601. */
  readonly timestamp: string | null;
  /** The instant in ms, or `undefined` if the timestamp is missing or unreadable. */
  readonly at: number | undefined;
  readonly quality: number | undefined;
  readonly timeS: number | undefined;
}

const ownIdPattern = /^run_[0-9a-f]{20}$/;
const contentIdPattern = /^content_[0-9a-f]{16}$/;

/** Whether a text could be the id of a run. An agent may have such a name too. */
export function isRunId(text: string): boolean {
  return isOwnId(text) || isContentId(text);
}

/** Whether a text could be an id that we gave. No two runs share it. */
export function isOwnId(text: string): boolean {
  return ownIdPattern.test(text);
}

/** Whether a text could be an id that is made of what a run says. Runs that say exactly the same share it. */
export function isContentId(text: string): boolean {
  return contentIdPattern.test(text);
}

/** The id of a run without one of ours, from the SHA-256 of its content in hexadecimal. */
export function contentId(sha256Hex: string): string {
  return `content_${sha256Hex.slice(0, 16)}`;
}

/** An execution id is `run_` and 80 random bits in hexadecimal. */
export function executionId(randomHex: string): string {
  return `run_${randomHex.slice(0, 20)}`;
}

/**
 * Reads a record from a line; `undefined` if it does not say whether the run succeeded, and so is no run. `contentIdOf`
 * makes an id of what a record says. It is asked only once the id is, for that takes as long as reading the line. `record` is
 * what is kept, if that is not what the rules go by.
 */
export function readExecution(
  said: JsonObject,
  contentIdOf: (record: JsonObject) => string,
  record = said,
): Execution | undefined {
  const success = truthValue(said.success);
  if (success === undefined) return undefined;
  const at = readInstant(said.timestamp);
  const id = ownIdIn(said);
  const key = typeof said.idempotency_key === "string" ? said.idempotency_key : undefined;
  const timestamp = shownTimestamp(said.timestamp, at);
  const quality = measuredNumber(said.quality_score);
  const timeS = measuredNumber(said.execution_time_s);
  if (id !== undefined) return { record, id, key, success, timestamp, at, quality, timeS };
  let made: string | undefined;
  return {
    record,
    get id() {
      made ??= contentIdOf(record);
      return made;
    },
    key,
    success,
    timestamp,
    at,
    quality,
    timeS,
  };
}

function ownIdIn({ id }: JsonObject): string | undefined {
  return typeof id === "string" && isOwnId(id) ? id : undefined;
}

/** Other writers store 1 and 0 for true and false; a text like "false" says nothing that can be relied on. */
function truthValue(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === "boolean") return value;
  return value === 1 ? true : value === 0 ? false : undefined;
}

function shownTimestamp(timestamp: JsonValue | undefined, at: number | undefined): string | null {
  if (typeof timestamp === "string") return timestamp;
  return at === undefined ? null : new Date(at).toISOString();
}

/** Beyond this a number is damage, and adding it up would leave the range of a double. */
const LARGEST_MEASURE = 1e200;

function measuredNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Math.abs(value) <= LARGEST_MEASURE ? value : undefined;
}

/** What makes two lines the same run: the idempotency key that its writer chose, else the id that we gave. Not what it says. */
export function identitiesOf({ key, record }: Execution): string[] {
  const identities: string[] = [];
  const id = ownIdIn(record);
  if (key !== undefined) identities.push(keyIdentity(key));
  if (id !== undefined) identities.push(idIdentity(id));
  return identities;
}

/** Whether we gave the run its id. */
export function hasOwnId({ record }: Execution): boolean {
  return ownIdIn(record) !== undefined;
}

/** What sets keys and ids apart, so that no key is taken for an id. */
export const KEY_PREFIX = "key:";
export const ID_PREFIX = "id:";

export function keyIdentity(key: string): string {
  return KEY_PREFIX + key;
}

export function idIdentity(id: string): string {
  return ID_PREFIX + id;
}

/** Under this name a record lists its fields that no report said, but the client's transcript of the run. */
export const FROM_TRANSCRIPT = "from_transcript";

/**
 * Whether a run reported again under its key says the same. What the caller did not give is left out if it was added at
 * the first call: `id` and `timestamp`, and what the transcript said.
 */
export function isSameReport(stored: JsonObject, reported: JsonObject): boolean {
  const comparable = { ...stored };
  const { [FROM_TRANSCRIPT]: measured } = stored;
  const added = Array.isArray(measured) ? measured.filter((name) => typeof name === "string") : [];
  for (const generated of ["id", "timestamp", "agent", FROM_TRANSCRIPT, ...added]) {
    if (!Object.hasOwn(reported, generated)) delete comparable[generated];
  }
  const given = { ...reported };
  if (typeof given.timestamp === "string" && typeof comparable.timestamp === "string") {
    // Two spellings of one instant are one report.
    const at = readInstant(tidyTimestamp(given.timestamp));
    if (at === readInstant(comparable.timestamp)) given.timestamp = comparable.timestamp;
  }
  return sameJson(comparable, given);
}

const MAX_DEPTH = 32;
const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Why a JSON value cannot be kept in a record, or `undefined` if it can. The path names the place. */
export function jsonProblem(value: unknown, path: string, depth = 1): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is not a finite number`;
  if (value === null || typeof value === "boolean" || typeof value === "string") return undefined;
  if (depth > MAX_DEPTH) return `${path} is nested deeper than ${MAX_DEPTH} levels`;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = jsonProblem(item, `${path}[${index}]`, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (!isJsonObject(value)) return `${path} is not JSON`;
  for (const [key, item] of Object.entries(value)) {
    if (forbiddenKeys.has(key)) return `${path} has the key "${key}", which is refused`;
    const problem = jsonProblem(item, `${path}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const plainObjectSchema = z.record(z.string(), z.unknown()).transform((value, context): JsonObject => {
  const problem = jsonProblem(value, "it");
  if (problem === undefined) return value as JsonObject;
  context.addIssue({ code: "custom", message: problem });
  return z.NEVER;
});

/** Any JSON object within the limits of a record: finite numbers, depth up to 32, no key that JavaScript gives a meaning. */
export const jsonObjectSchema = z.preprocess((value, context) => {
  // zod leaves this one key out in silence, so it has to be seen before: what was sent is kept whole, or refused.
  if (isJsonObject(value) && Object.hasOwn(value, "__proto__")) {
    context.addIssue({ code: "custom", message: 'it has the key "__proto__", which is refused' });
  }
  return value;
}, plainObjectSchema);
