import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { parseJson } from "../../../domain/json.ts";
import { isTemporary, replaceFile } from "./atomic-file.ts";
import { type FileSystem, READ, readRange, removeFile, statusOf, withFile } from "./file-system.ts";
import { errnoOf, isUnsafePath } from "./fs-errors.ts";

/**
 * What is larger is not read. A checkpoint has some hundred bytes for each day of a history and some dozen for each repeated
 * run: this is enough for a million of those. A larger one would cost a start more than it spares.
 */
export const LARGEST_SEALED_BYTES = 16 * 1024 * 1024;

/** Writes a value so that damage shows: a file that can be made again may be thrown away then. The caller holds the lock. */
export function saveSealed(fileSystem: FileSystem, path: string, value: object): void {
  const body = JSON.stringify(value);
  replaceFile(fileSystem, path, Buffer.from(`${checksum(body)}\n${body}\n`), { durable: false });
  for (const name of fileSystem.readdirSync(dirname(path))) {
    // Of a writer that was killed: nobody else is at it under the lock.
    if (name.startsWith(basename(path)) && isTemporary(name)) removeFile(fileSystem, join(dirname(path), name));
  }
}

/**
 * What `saveSealed` wrote, or `undefined` where nothing stands there that it did write, be it a link, a folder, or what
 * cannot be read: it can be made again.
 */
export function loadSealed(fileSystem: FileSystem, path: string): unknown {
  const text = readText(fileSystem, path);
  const separator = text.indexOf("\n");
  const body = text.slice(separator + 1, -1);
  if (separator < 0 || text.slice(0, separator) !== checksum(body)) return undefined;
  return parseJson(body);
}

function readText(fileSystem: FileSystem, path: string): string {
  try {
    // A link in the place of the folder could lead out of the project.
    if (!fileSystem.lstatSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) return "";
    return withFile(fileSystem, path, READ, (fd) => {
      const { size } = statusOf(fileSystem, fd);
      return size > LARGEST_SEALED_BYTES ? "" : readRange(fileSystem, fd, 0, size).toString("utf8");
    });
  } catch (error) {
    if (errnoOf(error) !== undefined || isUnsafePath(error)) return "";
    throw error;
  }
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, "0");
}
