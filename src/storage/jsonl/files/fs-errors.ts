import { type ErrorCode, KaizenError, NOTHING_WRITTEN } from "../../../errors.ts";

/** Why a write ended early, and how much of it is in the file. */
export class ShortWrite extends Error {
  readonly writtenBytes: number;

  constructor(writtenBytes: number, cause: unknown) {
    super("the write ended early", { cause });
    this.writtenBytes = writtenBytes;
  }
}

/** That a file may not be read. An error in opening one does not say what it was to be opened for. */
export class Unreadable extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

export function unsafePath(path: string, cause?: unknown): KaizenError {
  return new KaizenError("UNSAFE_PATH", `${path} is not a plain file or folder, so it is left alone.`, {
    hint: "Look at what is there (a symbolic link, FIFO, device or folder in place of a file), and move it away.",
    cause,
  });
}

export function isUnsafePath(error: unknown): boolean {
  return error instanceof KaizenError && error.code === "UNSAFE_PATH";
}

export function hasErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** Whether `link` failed because this file system has no hard links, or no more for this file. */
export function isWithoutLinks(error: unknown): boolean {
  return hasErrno(error, "EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK");
}

/** That another program puts one file after the other in the place of ours: a checkout, an editor, a script. */
export function replacedMeanwhile(path: string): KaizenError {
  return new KaizenError("IO_ERROR", `${path} was replaced by another file meanwhile${NOTHING_WRITTEN}`, {
    hint: "Look for what replaces it, and try again once that is over.",
  });
}

/** That the system takes a write in pieces, time and again, and another program writes in between. */
export function mixedMeanwhile(): KaizenError {
  return new KaizenError("IO_ERROR", `Another program wrote into the middle of our lines${NOTHING_WRITTEN}`, {
    hint: "Look whether the disk is nearly full, and try again.",
  });
}

/**
 * What the file system said, as an error with a next step. `doing` completes "… while". An error that the file system did
 * not raise is a fault of ours, and stays what it is.
 */
export function translateFsError(error: unknown, doing: string): unknown {
  const cause = error instanceof ShortWrite || error instanceof Unreadable ? error.cause : error;
  const code = errnoOf(error);
  if (error instanceof KaizenError || code === undefined) return error;
  const reason = unwritable[code];
  if (reason !== undefined) {
    const [kind, sentence, hint] = reason;
    return new KaizenError(kind, `${sentence} (${code}) while ${doing}${NOTHING_WRITTEN}`, { hint, cause });
  }
  if (hasErrno(cause, "EACCES", "EPERM") && (error instanceof Unreadable || isOfReading(cause))) {
    return new KaizenError("IO_ERROR", `Something in the store may not be read (${code}) while ${doing}.`, {
      hint: "Give this process the right to read everything in the project's .kaizen folder, and try again.",
      cause,
    });
  }
  if (hasErrno(cause, "EACCES", "EPERM")) {
    return new KaizenError("READ_ONLY", `The store may not be written (${code}) while ${doing}${NOTHING_WRITTEN}`, {
      hint: "Give this process the right to write to the project's .kaizen folder, and try again.",
      cause,
    });
  }
  const [sentence, hint] = unreachable[code] ?? [
    "The file system failed",
    "Try again, a run with the same idempotency_key; if it goes on, look at the disk.",
  ];
  return new KaizenError("IO_ERROR", `${sentence} (${code}) while ${doing}.`, { hint, cause });
}

/** Why nothing could be written, each by its own name and with its own way out. */
const unwritable: Readonly<Partial<Record<string, readonly [ErrorCode, string, string]>>> = {
  ENOSPC: ["DISK_FULL", "The disk is full", "Free some space and try again."],
  EDQUOT: ["DISK_FULL", "The quota on this disk is used up", "Free some of it, or ask for more, and try again."],
  EFBIG: [
    "IO_ERROR",
    "A file would become larger than it may be",
    "Raise the limit on the files of this process (ulimit -f), and try again.",
  ],
  EROFS: [
    "READ_ONLY",
    "The store may not be written",
    "Its file system is mounted for reading only: mount it for writing.",
  ],
};

/** What may be met on the way to a file, also by those who read. */
const unreachable: Readonly<Partial<Record<string, readonly [string, string]>>> = {
  ENAMETOOLONG: ["The file system takes no name that long", "Shorten the agent's name, or the path of the project."],
  EMFILE: ["This process has too many files open", "Raise its limit (ulimit -n), and try again."],
  ENFILE: ["The machine has too many files open", "End some programs, and try again."],
};

/**
 * What the file system called an error; `undefined` if it did not raise it. Its own codes are one word; those of Node,
 * as `ERR_INVALID_ARG_TYPE`, are several.
 */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof ShortWrite || error instanceof Unreadable) return errnoOf(error.cause);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** Why something failed, for a notice: what the file system raised by its code only, for its text is none of ours. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error);
  if (code !== undefined) return `the file system failed (${code})`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether an error came from a call that only looks. Opening may be for either. */
function isOfReading(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && /^([fl]?stat|scandir|read)/.test(String(error.syscall));
}
