import { type ErrorCode, KaizenError } from "../../errors.ts";

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
const kinds: Readonly<Partial<Record<string, readonly [ErrorCode, string]>>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: ["READ_ONLY", "That file system is mounted for reading only: name a place on another."],
  ENOSPC: ["DISK_FULL", "Free some space, and try again."],
  EDQUOT: ["DISK_FULL", "Your quota there is used up: free some of it, or name another place."],
  EFBIG: ["IO_ERROR", "That is more than one file may hold here: raise the limit (ulimit -f), or name another place."],
  ENAMETOOLONG: ["IO_ERROR", "The name is too long for the file system: use a shorter one."],
  ENOENT: ["IO_ERROR", "Make its folder first, or name another place."],
  ENOTDIR: ["IO_ERROR", "A file stands where the path needs a folder: name another place."],
  EISDIR: ["IO_ERROR", "That is a folder: name a file in it."],
  EMFILE: ["IO_ERROR", "This process has too many files open: raise the limit (ulimit -n), and try again."],
  ENFILE: ["IO_ERROR", "The machine has too many files open: end some programs, and try again."],
  EBADF: ["IO_ERROR", "It is not open for that: open it so in the shell, or name a file."],
  ENXIO: ["IO_ERROR", "That is a socket, or a device that is not there: name a file or a pipe."],
  ENODEV: ["IO_ERROR", "That is a device that is not there: name a file or a pipe."],
  EBUSY: ["IO_ERROR", "Another program has it in use: end that, or name another place."],
  ETXTBSY: ["IO_ERROR", "It is a program that is running: end that, or name another place."],
};
