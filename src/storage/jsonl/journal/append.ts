import { dirname } from "node:path";
import {
  APPEND,
  type FileIdentity,
  type FileSystem,
  READ,
  readRange,
  statusAt,
  statusOf,
  syncFolder,
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
  /** Where the log ended before; they stand there unless somebody without the lock wrote at the same moment. */
  readonly start: number;
  readonly bytes: Buffer;
}

/**
 * Appends whole lines to a log and returns when they are on disk. The caller holds the log's lock. Writers that know
 * nothing of the lock may append at the same moment: one write with `O_APPEND` never mixes with theirs.
 *
 * When anything fails, what was written of our lines is taken back, unless somebody has appended behind it.
 */
export function appendLines(fileSystem: FileSystem, path: string, lines: Buffer): void {
  for (let replacements = 0; replacements < MAX_REPLACEMENTS; replacements += 1) {
    const isInLog = withFile(fileSystem, path, APPEND, (fd) => {
      const appended = writeLines(fileSystem, fd, lines);
      try {
        fileSystem.fdatasyncSync(fd);
        return isStillLog(fileSystem, path, appended);
      } catch (error) {
        takeBack(fileSystem, fd, appended.start, appended.bytes.length);
        throw error;
      }
    });
    if (isInLog) return;
  }
  throw replacedMeanwhile(path);
}

/** The first half of the same, on a log that is open for appending: what is written can be read, and is not flushed. */
export function writeLines(fileSystem: FileSystem, fd: number, lines: Buffer): AppendedLines {
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
    const { identity, size: start } = statusOf(fileSystem, fd);
    // A writer without the lock may have added a torn line at this moment.
    const bytes = isTorn(fileSystem, fd, start) ? Buffer.concat([NEWLINE, lines]) : lines;
    try {
      const pieces = writeAll(fileSystem, fd, bytes);
      if (pieces <= 1 || standsBehind(fileSystem, fd, start, bytes)) return { log: identity, start, bytes };
    } catch (error) {
      takeBack(fileSystem, fd, start, error instanceof ShortWrite ? error.writtenBytes : bytes.length);
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
 * The second half, during which the event loop turns. Answers whether the path still leads to that file: a checkout or
 * an editor may have put another in its place meanwhile, and then the lines are in no log and have to be written again.
 */
export async function flushLines(
  fileSystem: FileSystem,
  path: string,
  fd: number,
  appended: AppendedLines,
): Promise<boolean> {
  try {
    await fileSystem.fdatasync(fd);
    return isStillLog(fileSystem, path, appended);
  } catch (error) {
    takeBack(fileSystem, fd, appended.start, appended.bytes.length);
    throw error;
  }
}

function isStillLog(fileSystem: FileSystem, path: string, { log, start }: AppendedLines): boolean {
  if (start === 0) syncFolder(fileSystem, dirname(path));
  return statusAt(fileSystem, path)?.identity === log;
}

/** Cuts our bytes off again where they are the last ones. Elsewhere a torn line stays, which readers set aside. */
function takeBack(fileSystem: FileSystem, fd: number, sizeBefore: number, writtenBytes: number): void {
  try {
    if (writtenBytes > 0 && statusOf(fileSystem, fd).size === sizeBefore + writtenBytes) {
      fileSystem.ftruncateSync(fd, sizeBefore);
    }
  } catch {
    // The first error is the one to report; a torn line is no worse than before.
  }
}

/** Ends a last line without its newline, under the lock: torn by a crash, or by a program that adds it with the next line. */
export function endTornLine(fileSystem: FileSystem, fd: number): void {
  const { size } = statusOf(fileSystem, fd);
  if (isTorn(fileSystem, fd, size)) writeAll(fileSystem, fd, NEWLINE);
}

/** The same, flushed, for a file that is not open, and may not be there. */
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
