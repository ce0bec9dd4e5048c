import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { errorCodeOf } from "../../errors.ts";
import { readBytes } from "../../trust/own-file.ts";
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
    if (["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO"].includes(errorCodeOf(error) ?? "")) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size > maxBytes) throw new LeftOut("size");
    return readBytes(fd, 0, stats.size);
  } finally {
    closeSync(fd);
  }
}

/** A small file of a repository as text, without the line breaks around it. */
export function readShortText(file: string): string | undefined {
  return readPlainFile(file, 8192)?.toString("utf8").trim();
}
