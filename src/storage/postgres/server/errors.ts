import { type ErrorCode, KaizenError } from "../../../errors.ts";
import { isOfWay, type Reason, reasonFor, silent, speaksNoTls, USUAL_HINT } from "./reasons.ts";
import { displayHost, type Host } from "./url.ts";

/** What can be done about a failure of the server, or of the way to it. */
export type Remedy =
  /** Send the statement again: the server has kept nothing. */
  | "again"
  /** Look what is there by now: another writer was first, or a number is taken. */
  | "look"
  /** Connect again. The server may have kept what was sent last. */
  | "reconnect"
  /** Connect to another host. The server has kept nothing. */
  | "elsewhere"
  | "none";

/** Serialization failure, deadlock. */
const again = new Set(["40001", "40P01"]);
/** A server that is read-only, is starting, has no connection left or is not there (yet). */
const elsewhere = new Set(["25006", "53300", "57P03", "55000"]);

/** Nothing came back in time. */
export class Silence extends Error {
  constructor() {
    super("no answer");
  }
}

/** Whether a server, or what stands before it, has given a reason. */
export function isSaidByServer(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && !isOfWay(code);
}

/** By SQLSTATE, or by what the network says. A failure without either is that of a connection that is gone. */
export function remedyFor(error: unknown): Remedy {
  if (error instanceof KaizenError || isFaultOfOurs(error)) return "none";
  const code = codeOf(error);
  if (code === undefined || isOfWay(code)) return "reconnect";
  if (again.has(code)) return "again";
  if (code === "23505") return "look";
  if (elsewhere.has(code)) return "elsewhere";
  return code.startsWith("08") || code.startsWith("57P") || code === "40003" ? "reconnect" : "none";
}

/** What no server and no network says: trying again would only hide it. */
export function isFaultOfOurs(error: unknown): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
}

/** The SQLSTATE of an error of the server; or the code of the network's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What says that there is nothing of ours in the database: no schema, no table, no column. */
const missing = new Set(["3F000", "42P01", "42703"]);
const codes: Readonly<Record<string, ErrorCode>> = {
  "53100": "DISK_FULL",
  "23514": "INVALID_ARGUMENT",
  "25006": "READ_ONLY",
  "42501": "READ_ONLY",
  "55P03": "LOCK_TIMEOUT",
  "57014": "LOCK_TIMEOUT",
};

/**
 * A failure in our words: the SQLSTATE, and never what the server says, for that quotes values. `doing` completes "… while".
 */
export function translateServerError(error: unknown, doing: string): unknown {
  if (error instanceof KaizenError) return error;
  const code = codeOf(error);
  if (code === undefined || isOfWay(code)) return error;
  if (missing.has(code)) {
    return new KaizenError("STORE_VERSION", `The store has not what this version needs (${code}), while ${doing}.`, {
      hint: "Let its owner run `kaizen-metrics store upgrade`.",
    });
  }
  const { hint, what = "the server failed" } = reasonFor(code) ?? {};
  return new KaizenError(
    codes[code] ?? (isOfReaching(code) ? "STORE_UNREACHABLE" : "IO_ERROR"),
    `Failed while ${doing}: ${what} (${code}).`,
    hint === undefined ? {} : { hint },
  );
}

function isOfReaching(code: string): boolean {
  return (
    code.startsWith("28") ||
    code.startsWith("3D") ||
    code.startsWith("08") ||
    code.startsWith("57P") ||
    code === "53300"
  );
}

/** Why a host could not be reached, and what can be done about it. */
export interface Why {
  readonly reason: string;
  readonly hint: string;
  /** It will be so at the next try, too. */
  readonly isFinal: boolean;
}

/** The store could not be reached, and nothing was kept. */
export function unreachable(hosts: readonly Host[], { hint, reason }: Pick<Why, "reason" | "hint">): KaizenError {
  const names = hosts.map(displayHost).join(", ");
  return new KaizenError("STORE_UNREACHABLE", `The team's store at ${names} cannot be reached: ${reason}.`, {
    hint: `Nothing was recorded. ${hint}`,
  });
}

/** The connection was lost after something was sent, and what became of that could not be found out. */
export function ambiguous(hosts: readonly Host[]): KaizenError {
  const names = hosts.map(displayHost).join(", ");
  return new KaizenError(
    "STORE_UNREACHABLE",
    `The connection to the team's store at ${names} was lost: this may or may not be recorded.`,
    { hint: "The same call with the same idempotency_key is safe; without a key, look first." },
  );
}

/** What is known of why a host could not be reached. */
export function whyNot(error: unknown): Why {
  // The driver says these of itself, without a code: that no connection was made in time, and that the server has no TLS.
  const said = error instanceof Error ? error.message : "";
  const code = codeOf(error);
  if (error instanceof Silence || said === "timeout expired") return why(silent);
  if (/does not support SSL/.test(said)) return why(speaksNoTls);
  if (code === undefined) return why({ what: "the connection was closed" });
  return why(reasonFor(code) ?? { what: isOfWay(code) ? "the way there failed" : "the server refused" }, code);
}

function why({ hint = USUAL_HINT, isFinal, what }: Reason, code?: string): Why {
  return { reason: code === undefined ? what : `${what} (${code})`, hint, isFinal: isFinal === true };
}

/** What is known once a connection has gone that there was. */
export const LOST: Why = { reason: "the connection was lost", hint: USUAL_HINT, isFinal: false };
