import * as z from "zod";
import { type FileIdentity, type FileSystem, readRange, statusOf } from "../files/file-system.ts";

/** How far a file has been read, in a form by which it is known again: the file, and its last bytes before an offset. */
export interface Fingerprint {
  readonly file: FileIdentity;
  readonly offset: number;
  /** These bytes, in Base64. */
  readonly anchor: string;
}

export const fingerprintSchema = z.object({ file: z.string(), offset: z.int().min(0), anchor: z.string() });

/** Of a file of which nothing has been read. */
export const NOTHING_READ: Fingerprint = { file: "", offset: 0, anchor: "" };

/** Nearly every line is shorter: what sets two of one length and one second apart, its id, stands at its beginning. */
const ANCHOR_BYTES = 4096;

export function fingerprintAt(fileSystem: FileSystem, fd: number, offset: number): Fingerprint {
  return { file: statusOf(fileSystem, fd).identity, offset, anchor: anchorAt(fileSystem, fd, offset) };
}

/** The fingerprint of a file once more bytes stand behind what was read. */
export function fingerprintAfter({ file, offset, anchor }: Fingerprint, bytes: Buffer): Fingerprint {
  const last = Buffer.concat([Buffer.from(anchor, "base64"), bytes.subarray(-ANCHOR_BYTES)]).subarray(-ANCHOR_BYTES);
  return { file, offset: offset + bytes.length, anchor: last.toString("base64") };
}

/** Whether an open file is the one that the fingerprint was made of, and has only grown since. */
export function hasOnlyGrown(fileSystem: FileSystem, fd: number, { file, offset, anchor }: Fingerprint): boolean {
  const { identity, size } = statusOf(fileSystem, fd);
  return identity === file && offset <= size && anchorAt(fileSystem, fd, offset) === anchor;
}

function anchorAt(fileSystem: FileSystem, fd: number, offset: number): string {
  return readRange(fileSystem, fd, Math.max(0, offset - ANCHOR_BYTES), offset).toString("base64");
}
