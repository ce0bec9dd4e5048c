import { dirname } from "node:path";
import {
  APPEND,
  type FileSystem,
  READ,
  readRange,
  statusAt,
  statusOf,
  syncFolder,
  withFile,
  writeAll,
} from "./file-system.ts";
import { ShortWrite } from "./fs-errors.ts";

const NEWLINE = Buffer.from("\n");

/**
 * Appends whole lines to a log and returns when they are on disk. The caller holds the log's lock. Writers that know
 * nothing of the lock may append at the same moment: one write with `O_APPEND` never mixes with theirs.
 *
 * When anything fails, what was written of our lines is taken back, unless somebody has appended behind it.
 */
export function appendLines(fileSystem: FileSystem, path: string, lines: Buffer): void {
  for (let replacements = 0; replacements < MAX_REPLACEMENTS; replacements += 1) {
    if (withFile(fileSystem, path, APPEND, (fd) => appendToOpen(fileSystem, path, fd, lines))) return;
  }
  throw new Error(`${path} was replaced again and again while appending to it`);
}

/** Ends a last line without its newline, under the lock: torn by a crash, or by a program that adds it with the next line. */
export function endTornLine(fileSystem: FileSystem, fd: number): void {
  const { size } = statusOf(fileSystem, fd);
  if (isTorn(fileSystem, fd, size)) writeAll(fileSystem, fd, NEWLINE);
}

/** The same, flushed, for a file that is not open, and may not be there. */
export function endLastLine(fileSystem: FileSystem, path: string): void {
  const size = statusAt(fileSystem, path)?.size ?? 0;
  if (size > 0 && withFile(fileSystem, path, READ, (fd) => isTorn(fileSystem, fd, size))) {
    appendLines(fileSystem, path, Buffer.alloc(0));
  }
}

function isTorn(fileSystem: FileSystem, fd: number, size: number): boolean {
  return size > 0 && !readRange(fileSystem, fd, size - 1, size).equals(NEWLINE);
}

/** How often a log may be replaced under an append, by a checkout say, before that is called an error. */
export const MAX_REPLACEMENTS = 5;

/**
 * The same on a log that is open for appending. Answers whether the path still leads to that file: a checkout or an
 * editor may have put another in its place meanwhile, and then the lines are in no log and have to be written again.
 */
export function appendToOpen(fileSystem: FileSystem, path: string, fd: number, lines: Buffer): boolean {
  const { identity, size } = statusOf(fileSystem, fd);
  // A writer without the lock may have added one at this moment.
  const bytes = isTorn(fileSystem, fd, size) ? Buffer.concat([NEWLINE, lines]) : lines;
  try {
    writeAll(fileSystem, fd, bytes);
    fileSystem.fdatasyncSync(fd);
    if (size === 0) syncFolder(fileSystem, dirname(path));
    return statusAt(fileSystem, path)?.identity === identity;
  } catch (error) {
    takeBack(fileSystem, fd, size, error instanceof ShortWrite ? error.writtenBytes : bytes.length);
    throw error;
  }
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
