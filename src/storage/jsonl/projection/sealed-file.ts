import { createHmac, timingSafeEqual } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { parseJson } from "../../../domain/text/json.ts";
import { isTemporary, replaceFile } from "../files/atomic-file.ts";
import { type FileSystem, READ, readRange, removeFile, statusOf, withFile } from "../files/file-system.ts";
import { errnoOf, isUnsafePath } from "../files/fs-errors.ts";

/**
 * What is larger is not read. A checkpoint has some hundred bytes for each day of a history and some dozen for each repeated
 * run: this is enough for a million of those. A larger one would cost a start more than it spares.
 */
const LARGEST_SEALED_BYTES = 16 * 1024 * 1024;

/** A secret of this machine. Asking for it to read makes none: then nothing was written with it either. */
export interface SnapshotKey {
  toRead(): Buffer | undefined;
  toWrite(): Buffer;
}

/**
 * Writes a value so that damage shows, and with a key also that it is another's: a file that can be made again may be
 * thrown away then. The caller holds the lock.
 */
export function saveSealed(fileSystem: FileSystem, path: string, value: object, key?: SnapshotKey): void {
  const body = JSON.stringify(value);
  const head = key === undefined ? checksum(body) : `${checksum(body)} ${signature(path, body, key.toWrite())}`;
  replaceFile(fileSystem, path, Buffer.from(`${head}\n${body}\n`), { durable: false });
  for (const name of fileSystem.readdirSync(dirname(path))) {
    // Of a writer that was killed: no other process is at it under the lock.
    if (name.startsWith(basename(path)) && isTemporary(name)) removeFile(fileSystem, join(dirname(path), name));
  }
}

/**
 * What `saveSealed` wrote, or `undefined` if nothing stands there that it did write, be it a link, a folder, or what
 * cannot be read: it can be made again. A reader with a key believes only what was written with it; a checksum says no
 * more than that nothing was damaged.
 */
export function loadSealed(fileSystem: FileSystem, path: string, key?: SnapshotKey): unknown {
  const text = readText(fileSystem, path);
  const separator = text.indexOf("\n");
  const body = text.slice(separator + 1, -1);
  const [sum, signed = ""] = text.slice(0, Math.max(0, separator)).split(" ");
  if (sum !== checksum(body)) return undefined;
  if (key !== undefined && !isSigned(signed, path, body, key.toRead())) return undefined;
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

/** Of the file's own place too: what was written for one agent, or of another kind, cannot be put in the place of it. */
function signature(path: string, body: string, secret: Buffer): string {
  const place = [basename(dirname(dirname(path))), basename(path)].join("/");
  return createHmac("sha256", secret).update(`${place}\n${body}`).digest("hex");
}

function isSigned(given: string, path: string, body: string, secret: Buffer | undefined): boolean {
  if (secret === undefined) return false;
  const expected = signature(path, body, secret);
  return given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}
