import { ErrorCode as RpcCode } from "@modelcontextprotocol/sdk/types.js";
import { printable } from "../../domain/text/plain-text.ts";
import { type ErrorCode, KaizenError, withHint } from "../../errors.ts";
import type { Log } from "../../log.ts";

/** What a caller learns of a fault that is not theirs; the rest is on stderr. */
const INTERNAL = "Something went wrong inside kaizen-metrics; its stderr has the details. Other calls still work.";

/** An answer quotes at most this much: names and values in it come from callers and from files. */
const MAX_ERROR_CHARACTERS = 2_000;

/** An error of the protocol. The SDK's own class puts a prefix before the message, and clients add it once more. */
export class ProtocolError extends Error {
  readonly code: number;
  readonly data: object | undefined;

  constructor(code: number, message: string, data?: object) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
    this.data = data;
  }
}

export function invalidParams(message: string): ProtocolError {
  return new ProtocolError(RpcCode.InvalidParams, message);
}

/** The error of a resource: with the address that was asked for, if the address is what is wrong. */
export function aboutResource(uri: string, error: ProtocolError): ProtocolError {
  if (error.code !== RpcCode.InvalidParams) return error;
  return new ProtocolError(error.code, error.message, { ...error.data, uri: uri.slice(0, MAX_ERROR_CHARACTERS) });
}

/** What a model reads of a failed tool call: a code, what is wrong, what to do. */
export function toolErrorText(error: unknown, log: Log): string {
  if (error instanceof KaizenError) return errorText(error);
  log.error("a tool call failed", error);
  return `INTERNAL: ${INTERNAL}`;
}

/** What a client gets if a resource, completion or prompt fails: these have no result for errors, unlike a tool. */
export function toProtocolError(error: unknown, log: Log): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (!(error instanceof KaizenError)) {
    log.error("a request failed", error);
    return new ProtocolError(RpcCode.InternalError, INTERNAL);
  }
  const code = callersFault.has(error.code) ? RpcCode.InvalidParams : RpcCode.InternalError;
  return new ProtocolError(code, errorText(error), { code: error.code });
}

const callersFault: ReadonlySet<ErrorCode> = new Set(["INVALID_ARGUMENT", "INVALID_AGENT", "NOT_FOUND"]);

function errorText(error: KaizenError): string {
  // Some clients print it on a terminal as it is.
  const text = printable(`${error.code}: ${withHint(error)}`);
  return text.length > MAX_ERROR_CHARACTERS ? `${text.slice(0, MAX_ERROR_CHARACTERS)}…` : text;
}

/** No project was found, or not the store that it has: each call says so, and what is asked for ahead of calls is empty. */
export function isWithoutStore(error: unknown): error is KaizenError {
  return error instanceof KaizenError && (error.code === "NO_PROJECT" || error.code === "NO_STORE");
}
