/**
 * Every way in which kaizen-metrics says no. The union is closed: a door (MCP, command line) maps each code once,
 * and a test holds the list to the manual.
 */
export const errorCodes = [
  /** An argument that the caller can mend: wrong type, out of range, unknown name. */
  "INVALID_ARGUMENT",
  /** An agent name that is not one safe path component, is reserved, or differs from a known one only in case. */
  "INVALID_AGENT",
  /** The idempotency key was used before, for other content. */
  "KEY_CONFLICT",
  /** A run, recommendation or analysis that does not exist. */
  "NOT_FOUND",
  /** A symbolic link, FIFO, device or other special file where a plain file or folder belongs. */
  "UNSAFE_PATH",
  "DISK_FULL",
  "READ_ONLY",
  /** Another living process held the lock until the deadline; the message names it. */
  "LOCK_TIMEOUT",
  /** The file system failed in a way that has no better name. */
  "IO_ERROR",
  /** The configuration of a client, which `init` leaves as it is: unreadable, or with an entry of our name that is not as it writes it. */
  "CLIENT_CONFIG",
  /** The team's store cannot be reached, or the connection to it was lost; the message says whether anything may be recorded. */
  "STORE_UNREACHABLE",
  /** The tables of the team's store are not there, or too old for this program, or have become too new for it. */
  "STORE_VERSION",
  /** The project has a team's store, and nothing says where that is. */
  "NO_STORE",
  /** No project folder could be determined, or the one given cannot be one. */
  "NO_PROJECT",
  /** The store was closed before the call. */
  "CLOSED",
  /** What a store of this kind does not do. */
  "NOT_SUPPORTED",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** How the sentence of a write that failed ends, where all stands as it was: a caller of many writes knows better. */
export const NOTHING_WRITTEN = "; nothing was written.";

const BRAND = Symbol.for("kaizen-metrics.error");

/** An error is a code, a sentence that says what is wrong, and a next step. */
export class KaizenError extends Error {
  /** The team's store is bundled apart, with a class of its own: an error of that one is one of ours, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value;
  }

  readonly [BRAND] = true;
  readonly code: ErrorCode;
  /** What to do instead, as one sentence. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KaizenError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** The sentence of an error, with what to do behind it. */
export function withHint({ hint, message }: { readonly hint?: string | undefined; readonly message: string }): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

/** The code of an error of Node.js, such as `ENOENT`; `undefined` if it has none. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
