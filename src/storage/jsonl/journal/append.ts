import { dirname } from "node:path";
import {
  APPEND,
  CREATE,
  type FileIdentity,
  type FileSystem,
  modeOf,
  READ,
  readRange,
  removeFile,
  statusAt,
  statusOf,
  syncFolder,
  UPDATE,
  withFile,
  writeAll,
} from "../files/file-system.ts";
import { mixedMeanwhile, replacedMeanwhile, ShortWrite } from "../files/fs-errors.ts";

const NEWLINE = Buffer.from("\n");

/** How often a log may be replaced under an append, by a checkout say, before that is called an error. */
export const MAX_REPLACEMENTS = 5;

/** How often lines are written again because another program's stand in the middle of them. */
const MAX_ATTEMPTS = 3;

/** Whole lines that were written to an open log, and may not be on disk yet. */
export interface AppendedLines {
  readonly log: FileIdentity;
  /** Where the log ended before; they stand there unless a program without the lock wrote at the same moment. */
  readonly start: number;
  readonly bytes: Buffer;
}

/**
 * Appends whole lines to a file and returns when they are on disk. A run that is recorded goes another
 * way: `LogFlush` waits for the disk while the event loop turns. The caller holds the file's lock. Writers that know
 * nothing of the lock may append at the same moment: one write with `O_APPEND` never mixes with theirs. A new file is for
 * the same people to read as another, if one is named. Gives what takes the lines back again.
 *
 * When anything fails, what was written of our lines is taken back, unless another program has appended behind it, and no
 * empty file is left in the place of none.
 */
export function appendLines(fileSystem: FileSystem, path: string, lines: Buffer, like?: string): () => void {
  const wasThere = statusAt(fileSystem, path) !== undefined;
  const removeIfEmpty = () => {
    if (!wasThere && statusAt(fileSystem, path)?.size === 0) removeFile(fileSystem, path);
  };
  try {
    if (!wasThere && like !== undefined) createLike(fileSystem, path, like);
    const appended = appendToFile(fileSystem, path, lines);
    return () => {
      try {
        withFile(fileSystem, path, UPDATE, (fd) => takeBack(fileSystem, fd, appended));
        removeIfEmpty();
      } catch {
        // The first error is the one to report; what stands there is whole.
      }
    };
  } catch (error) {
    removeIfEmpty();
    throw error;
  }
}

function createLike(fileSystem: FileSystem, path: string, like: string): void {
  const mode = withFile(fileSystem, like, READ, (fd) => modeOf(fileSystem, fd));
  withFile(fileSystem, path, CREATE, (fd) => fileSystem.fchmodSync(fd, mode));
}

function appendToFile(fileSystem: FileSystem, path: string, lines: Buffer): AppendedLines {
  for (let replacements = 0; replacements < MAX_REPLACEMENTS; replacements += 1) {
    const appended = withFile(fileSystem, path, APPEND, (fd) => {
      const written = writeLines(fileSystem, fd, lines);
      try {
        fileSystem.fdatasyncSync(fd);
        return isStillLog(fileSystem, path, written) ? written : undefined;
      } catch (error) {
        takeBack(fileSystem, fd, written);
        throw error;
      }
    });
    if (appended !== undefined) return appended;
  }
  throw replacedMeanwhile(path);
}

/** Appends to several files, in their order, to all of them or to none, and gives what takes it back again. */
export function appendToEach(
  fileSystem: FileSystem,
  additions: readonly { readonly path: string; readonly lines: Buffer }[],
): () => void {
  const steps: (() => void)[] = [];
  const takeAllBack = () => {
    for (const step of steps.reverse()) step();
  };
  try {
    for (const { lines, path } of additions) if (lines.length > 0) steps.push(appendLines(fileSystem, path, lines));
  } catch (error) {
    takeAllBack();
    throw error;
  }
  return takeAllBack;
}

/** Writes whole lines to a file that is open for appending. They can be read at once, and are not flushed. */
export function writeLines(fileSystem: FileSystem, fd: number, lines: Buffer): AppendedLines {
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
    const { identity, size: start } = statusOf(fileSystem, fd);
    // A writer without the lock may have added a torn line at this moment.
    const bytes = isTorn(fileSystem, fd, start) ? Buffer.concat([NEWLINE, lines]) : lines;
    try {
      const pieces = writeAll(fileSystem, fd, bytes);
      if (pieces <= 1 || standsBehind(fileSystem, fd, start, bytes)) return { log: identity, start, bytes };
    } catch (error) {
      const written = error instanceof ShortWrite ? error.writtenBytes : bytes.length;
      takeBack(fileSystem, fd, { log: identity, start, bytes: bytes.subarray(0, written) });
      throw error;
    }
  }
  throw mixedMeanwhile();
}

/** Only one write is never mixed with those of others: between two pieces of ours there may be a line of theirs. */
function standsBehind(fileSystem: FileSystem, fd: number, start: number, bytes: Buffer): boolean {
  return readRange(fileSystem, fd, start, statusOf(fileSystem, fd).size).includes(bytes);
}

/**
 * Whether the path still leads to the file with these lines: a checkout or an editor may have put another in its place
 * meanwhile, and then the lines are in no log and have to be written again.
 */
export function isStillLog(fileSystem: FileSystem, path: string, { log, start }: AppendedLines): boolean {
  if (start === 0) syncFolder(fileSystem, dirname(path));
  return statusAt(fileSystem, path)?.identity === log;
}

/** Cuts our lines off again if they are the last ones of the open file. Otherwise a torn line stays, which readers set aside. */
export function takeBack(fileSystem: FileSystem, fd: number, { bytes, log, start }: AppendedLines): void {
  try {
    const { identity, size } = statusOf(fileSystem, fd);
    if (bytes.length > 0 && identity === log && size === start + bytes.length) fileSystem.ftruncateSync(fd, start);
  } catch {
    // The first error is the one to report; a torn line is no worse than before.
  }
}

/** Ends a last line without its newline, under the lock: torn by a crash, or by a program that adds it with the next line. */
export function endTornLine(fileSystem: FileSystem, fd: number): void {
  const { size } = statusOf(fileSystem, fd);
  if (isTorn(fileSystem, fd, size)) writeAll(fileSystem, fd, NEWLINE);
}

/** Ends a last line without its newline, flushed, in a file that is not open, and may not be there. */
export function endLastLine(fileSystem: FileSystem, path: string): void {
  if (hasTornLine(fileSystem, path)) appendLines(fileSystem, path, Buffer.alloc(0));
}

/** Whether the last line of a file, which need not be there, has no newline. */
export function hasTornLine(fileSystem: FileSystem, path: string): boolean {
  const size = statusAt(fileSystem, path)?.size ?? 0;
  return size > 0 && withFile(fileSystem, path, READ, (fd) => isTorn(fileSystem, fd, size));
}

function isTorn(fileSystem: FileSystem, fd: number, size: number): boolean {
  return size > 0 && !readRange(fileSystem, fd, size - 1, size).equals(NEWLINE);
}
