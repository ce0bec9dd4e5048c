import { basename } from "node:path";
import type { DamagedLine } from "../store.ts";
import { appendLines } from "./append.ts";
import { replaceFileBy } from "./atomic-file.ts";
import { type FileSystem, READ, readRange, removeFile, statusAt, statusOf, withFileIfThere } from "./file-system.ts";
import { HandOver } from "./hand-over.ts";
import { forEachLine, type UseLine } from "./lines.ts";
import { PieceWriter } from "./piece-writer.ts";

// Files of lines that nobody writes to without the agent's lock. So an append meets no other writer, and a rewrite needs
// no more than to replace the file.

const NEWLINE = Buffer.from("\n");

/** Appends lines, flushed. Where that fails, no empty file is left in the place of none. The caller holds the lock. */
export function appendLockedLines(fileSystem: FileSystem, path: string, lines: Buffer): void {
  const wasThere = statusAt(fileSystem, path) !== undefined;
  try {
    appendLines(fileSystem, path, lines);
  } catch (error) {
    if (!wasThere && statusAt(fileSystem, path)?.size === 0) removeFile(fileSystem, path);
    throw error;
  }
}

/**
 * Keeps some lines, byte for byte; the others are handed over before they leave. Gives how many left. Reads the file
 * twice where any leave, and holds little of it. The caller holds the lock.
 */
export async function keepLines(
  fileSystem: FileSystem,
  path: string,
  isKept: (line: Buffer) => boolean,
  useDropped: (lines: Buffer) => void = () => {},
): Promise<number> {
  return withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd === undefined) return 0;
    const { size } = statusOf(fileSystem, fd);
    const dropped = await dropLines(fileSystem, fd, size, isKept, useDropped);
    if (dropped === 0) return 0;
    await replaceFileBy(fileSystem, path, async (newFd) => {
      const out = new PieceWriter(fileSystem, newFd);
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, (line) => {
        if (!isKept(line)) return;
        out.add(line);
        out.add(NEWLINE);
      });
      out.add(readRange(fileSystem, fd, end, size));
      out.flush();
    });
    return dropped;
  });
}

/** Hands over the lines that are not kept, several at a time. Gives how many. */
async function dropLines(
  fileSystem: FileSystem,
  fd: number,
  size: number,
  isKept: (line: Buffer) => boolean,
  useDropped: (lines: Buffer) => void,
): Promise<number> {
  const dropped = new HandOver(useDropped);
  let count = 0;
  await forEachLine(fileSystem, fd, { from: 0, to: size }, (line) => {
    if (isKept(line)) return;
    count += 1;
    dropped.add(line);
  });
  dropped.end();
  return count;
}

/** Every whole line of a file that need not be there. */
export async function forEachLineIfThere(fileSystem: FileSystem, path: string, useLine: UseLine): Promise<void> {
  await withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd !== undefined) await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, useLine);
  });
}

/** Every line in which nothing can be read. */
export async function damagedLinesOf(
  fileSystem: FileSystem,
  path: string,
  isReadable: (line: Buffer) => boolean,
  reason: string,
): Promise<DamagedLine[]> {
  const damaged: DamagedLine[] = [];
  const file = basename(path);
  let line = 0;
  await forEachLineIfThere(fileSystem, path, (bytes, offset) => {
    line += 1;
    if (!isReadable(bytes)) damaged.push({ file, line, offset, reason, lost: true });
  });
  return damaged;
}
