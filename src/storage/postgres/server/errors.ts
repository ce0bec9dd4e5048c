import { type ErrorCode, KaizenError } from "../../../errors.ts";
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
const networkCode = /^E[A-Z_]+$/;

/** Nothing came back in time. */
export class Silence extends Error {
  constructor() {
    super("no answer");
  }
}

/** Whether a server, or what stands before it, has given a reason. */
export function isSaidByServer(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && !networkCode.test(code);
}

/** By SQLSTATE, or by what the network says. A failure without either is that of a connection that is gone. */
export function remedyFor(error: unknown): Remedy {
  if (error instanceof KaizenError || isFaultOfOurs(error)) return "none";
  const code = codeOf(error);
  if (code === undefined || networkCode.test(code)) return "reconnect";
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
  "25006": "READ_ONLY",
  "42501": "READ_ONLY",
  "55P03": "LOCK_TIMEOUT",
  "57014": "LOCK_TIMEOUT",
};

const sentences: Readonly<Record<string, string>> = {
  "53100": "the server's disk is full",
  "25006": "the server takes no writes",
  "42501": "the role that this program connects as may not do that",
  "55P03": "another writer held the rows for too long",
  "57014": "the server broke it off",
  "23514": "it is longer than the store takes",
  "28P01": "the server refused the password",
  "28000": "the server does not let this user in",
  "3D000": "there is no such database",
  "53300": "the server has no connection left",
  "08P01": "what stands before the server refused",
};

/** What the network says, in words of people. */
const ofNetwork: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing answers there",
  ECONNRESET: "it broke the connection off",
  EAI_AGAIN: "its name could not be looked up",
  EHOSTUNREACH: "there is no way there",
  ENETUNREACH: "there is no way there",
  ENOTFOUND: "there is no such host",
  ETIMEDOUT: "it does not answer",
};

const hints: Readonly<Record<string, string>> = {
  "42501": "Pruning, voiding and moving need the role kaizen_keeper; recording needs kaizen_writer.",
  "53300": "Let fewer processes connect at once, or put a pooler in front of the server.",
};

const LARGEST_RECORD = "A record may have 4 MiB.";

/**
 * A failure in our words: the SQLSTATE, and never what the server says, for that quotes values. `doing` completes "… while".
 */
export function translateServerError(error: unknown, doing: string): unknown {
  if (error instanceof KaizenError) return error;
  const code = codeOf(error);
  if (code === undefined || networkCode.test(code)) return error;
  if (missing.has(code)) {
    return new KaizenError("STORE_VERSION", `The store has not what this version needs (${code}), while ${doing}.`, {
      hint: "Let its owner run `kaizen-metrics store upgrade`.",
    });
  }
  if (code === "23514") {
    return new KaizenError("INVALID_ARGUMENT", `Failed while ${doing}: ${sentences[code]}.`, { hint: LARGEST_RECORD });
  }
  const why = sentences[code] ?? "the server failed";
  const hint = hints[code];
  return new KaizenError(
    codes[code] ?? (isOfReaching(code) ? "STORE_UNREACHABLE" : "IO_ERROR"),
    `Failed while ${doing}: ${why} (${code}).`,
    {
      ...(hint === undefined ? {} : { hint }),
    },
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

/** The store could not be reached, and nothing was kept. */
export function unreachable(hosts: readonly Host[], why: string): KaizenError {
  const names = hosts.map(displayHost).join(", ");
  return new KaizenError("STORE_UNREACHABLE", `The team's store at ${names} cannot be reached: ${why}.`, {
    hint: "Nothing was recorded. See whether the server runs and lets this machine in; the same call may be made again.",
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

/** What is known of why a host could not be reached, in words that have nothing of the server's. */
export function reasonOf(error: unknown): string {
  if (error instanceof KaizenError) return error.message;
  // The driver says the first of a connection that was not made in time.
  if (error instanceof Silence || (error instanceof Error && error.message === "timeout expired")) {
    return "it does not answer";
  }
  const code = codeOf(error);
  if (code === undefined) return "the connection was closed";
  if (networkCode.test(code)) return code in ofNetwork ? `${ofNetwork[code]} (${code})` : code;
  return `${sentences[code] ?? "the server refused"} (${code})`;
}
