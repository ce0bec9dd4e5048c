import {
  ErrorCode,
  isJSONRPCNotification,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from "@modelcontextprotocol/sdk/types.js";
import { isDeeperThan, isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../domain/text/json.ts";

/** No message is nested as deeply, and what walks through one takes more of the stack with each level. */
const MAX_DEPTH = 1_000;

/** What is answered to a line that is no message. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly problem: string;
  readonly id: RequestId | null;
}

/** Reads a line: a message, or why it is none. */
export function readMessage(line: string): JSONRPCMessage | Refusal {
  const value = parseJson(line);
  if (value === undefined) {
    const problem = "A line of input is not JSON. Each line holds one JSON-RPC message.";
    return { code: ErrorCode.ParseError, problem, id: null };
  }
  if (Array.isArray(value)) {
    const problem = "Batches are not part of this protocol: send one message a line.";
    return { code: ErrorCode.InvalidRequest, problem, id: null };
  }
  if (isDeeperThan(MAX_DEPTH, value)) {
    return brokenAnswer(value) ?? refusal(value, `A line of input is nested deeper than ${MAX_DEPTH} levels.`);
  }
  const given = isJsonObject(value) ? withoutNulls(value) : value;
  const parsed = JSONRPCMessageSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  return brokenAnswer(given) ?? refusal(given);
}

export function isRefusal(read: JSONRPCMessage | Refusal): read is Refusal {
  return "problem" in read;
}

/** The request that a message cancels. */
export function cancelledBy(message: JSONRPCMessage): RequestId | undefined {
  if (!isJSONRPCNotification(message) || message.method !== "notifications/cancelled") return undefined;
  const id = message.params?.requestId;
  return isRequestId(id) ? id : undefined;
}

/**
 * Some write `null` for parameters, for what is said about a request, or for a part of that, if there is none; and for
 * the error of an answer that has a result, or the other way round.
 */
function withoutNulls({ params, ...given }: JsonObject): JsonObject {
  const message = withOneOutcome(given);
  if (params === undefined || params === null) return message;
  if (!isJsonObject(params) || params._meta === undefined) return { ...message, params };
  const { _meta, ...rest } = params;
  if (_meta === null) return { ...message, params: rest };
  if (!isJsonObject(_meta)) return { ...message, params };
  const said = Object.entries(_meta).filter(([, value]) => value !== null);
  return { ...message, params: { ...rest, _meta: Object.fromEntries(said) } };
}

function withOneOutcome({ error, result, ...rest }: JsonObject): JsonObject {
  if (error === null && result !== undefined) return { ...rest, result };
  if (result === null && error !== undefined) return { ...rest, error };
  return { ...rest, ...(error === undefined ? {} : { error }), ...(result === undefined ? {} : { result }) };
}

/** An answer to us that is none ends our waiting for it. */
function brokenAnswer(value: JsonValue): JSONRPCMessage | undefined {
  if (!isJsonObject(value) || value.method !== undefined || !("result" in value || "error" in value)) return undefined;
  if (!isRequestId(value.id)) return undefined;
  const error = { code: ErrorCode.InvalidRequest, message: "its answer is not of the shape that the protocol wants" };
  return { jsonrpc: "2.0", id: value.id, error };
}

/** With the id of a broken request, so that its sender need not wait. A broken answer gets none: its id is one of ours. */
function refusal(value: JsonValue, problem = "A line of input is JSON, but not a JSON-RPC 2.0 message."): Refusal {
  const id = isJsonObject(value) && "method" in value && isRequestId(value.id) ? value.id : null;
  return { code: ErrorCode.InvalidRequest, problem, id };
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string" || typeof value === "number";
}
