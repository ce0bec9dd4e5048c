import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { LeftOut } from "./limit.ts";

/** Windows has no such flag. */
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;

/**
 * Reads a file that a repository may have made into anything. `undefined` for what is missing, or no plain file: a FIFO
 * is not waited for. Throws `LeftOut` for a file that is larger than `maxBytes`.
 */
export function readPlainFile(file: string, maxBytes: number): Buffer | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | O_NONBLOCK);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size > maxBytes) throw new LeftOut("size");
    const buffer = Buffer.alloc(stats.size);
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(fd, buffer, filled, buffer.length - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

/** A small file of a repository as text, without the line breaks around it. */
export function readShortText(file: string): string | undefined {
  return readPlainFile(file, 8192)?.toString("utf8").trim();
}

/** The code of an error of the system, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
