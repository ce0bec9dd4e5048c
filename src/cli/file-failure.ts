import { type ErrorCode, KaizenError } from "../errors.ts";

/**
 * What the file system said of a file that a person named or a client has, as an error with a next step; for the store's
 * own files it has words of its own. `doing` completes "… could not be …". What came from elsewhere stays what it is.
 */
export function fileFailure(name: string, doing: string, cause: unknown): unknown {
  const code = errnoOf(cause);
  if (code === undefined) return cause;
  const [kind, hint] = kinds[code] ?? (["IO_ERROR", "Look at the disk, and try again."] as const);
  return new KaizenError(kind, `${name} could not be ${doing} (${code}).`, { hint, cause });
}

function errnoOf(error: unknown): string | undefined {
  if (error instanceof KaizenError || !(error instanceof Error && "code" in error)) return undefined;
  return String(error.code);
}

const denied = ["READ_ONLY", "Ask for the right to do so, and try again."] as const;
const full = ["DISK_FULL", "Free some space, and try again."] as const;
const kinds: Readonly<Partial<Record<string, readonly [ErrorCode, string]>>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  ENOENT: ["IO_ERROR", "Make its folder first, or name another place."],
  EISDIR: ["IO_ERROR", "That is a folder: name a file in it."],
};
