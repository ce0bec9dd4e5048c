import { basename } from "node:path";
import type { DamagedLine } from "../store.ts";
import { appendLines } from "./append.ts";
import { replaceFile } from "./atomic-file.ts";
import { type FileSystem, READ, readRange, removeFile, statusAt, statusOf, withFileIfThere } from "./file-system.ts";
import { forEachLine, type UseLine } from "./lines.ts";

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
 * Keeps some lines, byte for byte; the others are handed over before they leave. Gives how many left. The caller holds
 * the lock.
 */
export async function keepLines(
  fileSystem: FileSystem,
  path: string,
  isKept: (line: Buffer) => boolean,
  useDropped: (lines: Buffer) => void = () => {},
): Promise<number> {
  const kept: Buffer[] = [];
  const dropped: Buffer[] = [];
  await withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd === undefined) return;
    const { size } = statusOf(fileSystem, fd);
    const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, (bytes) => {
      (isKept(bytes) ? kept : dropped).push(Buffer.concat([bytes, NEWLINE]));
    });
    kept.push(readRange(fileSystem, fd, end, size));
  });
  if (dropped.length === 0) return 0;
  useDropped(Buffer.concat(dropped));
  replaceFile(fileSystem, path, Buffer.concat(kept), { durable: true });
  return dropped.length;
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
