import { createHash } from "node:crypto";
import type { RunEvidence } from "../../../domain/evidence/evidence.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { readInstant } from "../../../domain/run/time.ts";
import type { JsonValue } from "../../../domain/text/json.ts";
import {
  foldVerifications,
  notWithdrawn,
  type Verification,
  verifiedOutcome,
} from "../../../domain/verification/verification.ts";
import type { ScannedRun } from "../../../kaizen/export.ts";
import { jsonText } from "../json-text.ts";

/**
 * A run as a span, in the JSON form of OTLP (opentelemetry-proto, "OTLP/HTTP JSON encoding": ids in hexadecimal, enums as
 * numbers, 64-bit integers as text), named by the conventions for generative AI: "invoke agent, internal" and
 * `gen_ai.evaluation.result` (open-telemetry/semantic-conventions-genai, in development as of November 2026). What they
 * have no name for begins with `kaizen.`.
 *
 * Stands in for @opentelemetry/otlp-transformer, which takes only spans of the SDK, and brings five packages.
 */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface SpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly Attribute[];
}

export interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

type AttributeValue = { stringValue: string } | { boolValue: boolean } | { intValue: string } | { doubleValue: number };

const KIND_INTERNAL = 1;
const STATUS_ERROR = 2;
/** The last whole millisecond of 64 bits of nanoseconds, in July 2554. */
const LATEST_SPAN_MS = Number(2n ** 64n / 1_000_000n);
/** Longer ones are no durations. */
const LONGEST_RUN_S = 366 * 86_400;

/**
 * The span of a run; `undefined` if the run does not say when it was, or names a time that a span has no room for. Free
 * text stays here unless the user asks for it: messages, notes, tasks, evidence, and every text under another name, for
 * agents may put anything there. The ids follow from the run's name (`RunNames`): a receiver that has the span already
 * can tell.
 */
export function spanOf(
  agent: string,
  run: ScannedRun,
  options: { includeText: boolean; runName: string; evidence?: RunEvidence | undefined },
): Span | undefined {
  const { verifications, execution } = run;
  const { at, timeS = 0 } = execution;
  if (!hasRoomFor(at)) return undefined;
  const durationS = timeS >= 0 && timeS <= LONGEST_RUN_S ? timeS : 0;
  const end = BigInt(at) * 1_000_000n;
  const start = end - BigInt(Math.round(durationS * 1e6)) * 1_000n;
  const [checked] = foldVerifications(verifications).values();
  const verified = checked === undefined ? undefined : verifiedOutcome(checked);
  const success = verified ?? execution.success;
  const { error } = execution.record;
  const message = options.includeText && typeof error === "string" ? { message: wellFormed(error) } : {};
  return {
    ...idsOf(options.runName),
    name: `invoke_agent ${wellFormed(agent)}`,
    kind: KIND_INTERNAL,
    startTimeUnixNano: String(start < 0n ? 0n : start),
    endTimeUnixNano: String(end),
    attributes: unique([
      attribute("gen_ai.operation.name", "invoke_agent"),
      attribute("gen_ai.agent.name", agent),
      ...(success ? [] : [attribute("error.type", errorType(execution, options.includeText))]),
      attribute("kaizen.success", execution.success),
      ...(verified === undefined ? [] : [attribute("kaizen.verified", verified)]),
      ...recordedAttributes(execution, options.includeText),
      // Behind what the run says itself: of two of one name the first stands.
      ...(options.evidence === undefined ? [] : evidenceAttributes(options.evidence)),
    ]),
    events: eventsOf(execution, String(end), notWithdrawn(verifications), options.includeText),
    status: success ? {} : { code: STATUS_ERROR, ...message },
  };
}

/** Times are nanoseconds since 1970 in 64 bits; for one beyond them, receivers refuse the whole request. */
function hasRoomFor(at: number | undefined): at is number {
  return at !== undefined && at >= 0 && at <= LATEST_SPAN_MS;
}

function idsOf(runName: string): { traceId: string; spanId: string } {
  const digest = createHash("sha256").update(`kaizen-metrics run ${runName}`).digest("hex");
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

/** The names that the conventions have, for identifiers and counts. */
const conventional: Readonly<Record<string, string>> = {
  model: "gen_ai.request.model",
  version: "gen_ai.agent.version",
  input_tokens: "gen_ai.usage.input_tokens",
  output_tokens: "gen_ai.usage.output_tokens",
};

/** What stands elsewhere in the span. */
const elsewhere: readonly string[] = ["agent", "timestamp", "success", "execution_time_s", "error_type", "error"];

/** A name, as against free text that an agent wrote: short, and without a space. */
const identifier = /^[\p{L}\p{N}_.:@/+#-]{1,100}$/u;

function recordedAttributes({ id, record }: Execution, includeText: boolean): Attribute[] {
  const attributes: Attribute[] = [];
  for (const [key, value] of Object.entries(record)) {
    if (elsewhere.includes(key) || value === null || !(includeText || identifier.test(key))) continue;
    // Its JSON would be null, which no attribute may be.
    if (typeof value === "number" && !Number.isFinite(value)) continue;
    const isName = key === "id" ? value === id : Object.hasOwn(conventional, key) && isIdentifier(value);
    if (typeof value === "number" || typeof value === "boolean" || isName || includeText) {
      attributes.push(attribute(conventional[key] ?? `kaizen.${key === "id" ? "run_id" : key}`, value));
    }
  }
  return attributes;
}

/** What the client's transcript says of a run: the input is all that was read, from the cache too, as conventions have it. */
function evidenceAttributes({ facts }: RunEvidence): Attribute[] {
  const { check, cost_usd, duration_s, model, seen, tokens } = facts;
  const input = tokens && tokens.input + tokens.cache_read + tokens.cache_write;
  const values: Record<string, JsonValue | undefined> = {
    "gen_ai.response.model": model,
    "gen_ai.usage.input_tokens": input,
    "gen_ai.usage.output_tokens": tokens?.output,
    "gen_ai.usage.cache_read.input_tokens": tokens?.cache_read,
    "gen_ai.usage.cache_creation.input_tokens": tokens?.cache_write,
    "kaizen.cost_usd": cost_usd,
    "kaizen.seen": seen,
    "kaizen.seen_time_s": duration_s,
    "kaizen.seen_check": check,
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [attribute(key, value)],
  );
}

/** A key stands once; an agent may have chosen one of ours. */
function unique(attributes: readonly Attribute[]): Attribute[] {
  const first = new Map<string, Attribute>();
  for (const one of attributes) if (!first.has(one.key)) first.set(one.key, one);
  return [...first.values()];
}

function isIdentifier(value: JsonValue | undefined): value is string {
  return typeof value === "string" && identifier.test(value);
}

/** `_OTHER` is the conventions' word for an error that has no class. */
function errorType({ record: { error_type }, success }: Execution, includeText: boolean): string {
  if (isIdentifier(error_type)) return error_type;
  if (includeText && typeof error_type === "string") return error_type;
  return success ? "verification_failed" : "_OTHER";
}

/** What the agent thought of its own result, and what each verification found. */
function eventsOf(
  { quality }: Execution,
  end: string,
  verifications: readonly Verification[],
  includeText: boolean,
): SpanEvent[] {
  const events: SpanEvent[] = [];
  const add = (timeUnixNano: string, attributes: Attribute[]) =>
    events.push({ timeUnixNano, name: "gen_ai.evaluation.result", attributes });
  if (quality !== undefined) {
    add(end, [attribute("gen_ai.evaluation.name", "self_quality"), double("gen_ai.evaluation.score.value", quality)]);
  }
  for (const { evidence, success, timestamp, unproven, verified_by, via } of verifications) {
    const at = readInstant(timestamp);
    add(hasRoomFor(at) ? String(BigInt(at) * 1_000_000n) : end, [
      attribute("gen_ai.evaluation.name", `${unproven ? "claimed" : "verified"}_by_${verified_by}`),
      double("gen_ai.evaluation.score.value", success ? 1 : 0),
      attribute("gen_ai.evaluation.score.label", success ? "pass" : "fail"),
      ...(via === undefined ? [] : [attribute("kaizen.via", via)]),
      ...(includeText && evidence !== undefined ? [attribute("gen_ai.evaluation.explanation", evidence)] : []),
    ]);
  }
  return events;
}

export function attribute(name: string, value: JsonValue): Attribute {
  const key = wellFormed(name);
  if (typeof value === "string") return { key, value: { stringValue: wellFormed(value) } };
  if (typeof value === "boolean") return { key, value: { boolValue: value } };
  if (typeof value !== "number") return { key, value: { stringValue: jsonText(value) } };
  const isCount = key.startsWith("gen_ai.usage.") && Number.isSafeInteger(value);
  return isCount ? { key, value: { intValue: String(value) } } : double(key, value);
}

/** The half of a character alone, which JSON can write and UTF-8 cannot: receivers refuse the whole request for it. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

/** A fraction also where one happens to be whole: a receiver keeps one type for one key. */
function double(key: string, value: number): Attribute {
  return { key, value: { doubleValue: value } };
}
