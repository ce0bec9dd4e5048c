import * as z from "zod";
import { type FileIdentity, type FileSystem, readRange, statusOf } from "../files/file-system.ts";

/** How far a file has been read, as a mark by which it is known again: the file, and its last bytes before an offset. */
export interface Mark {
  readonly file: FileIdentity;
  readonly offset: number;
  /** These bytes, in Base64. */
  readonly anchor: string;
}

export const markSchema = z.object({ file: z.string(), offset: z.int().min(0), anchor: z.string() });

/** Nearly every line is shorter: what sets two of one length and one second apart, its id, stands at its beginning. */
const ANCHOR_BYTES = 4096;

/** The last bytes before an offset. */
export function readAnchor(fileSystem: FileSystem, fd: number, offset: number): Buffer {
  return readRange(fileSystem, fd, Math.max(0, offset - ANCHOR_BYTES), offset);
}

/** The same once more bytes stand behind them. */
export function anchorAfter(anchor: Buffer, bytes: Buffer): Buffer {
  // A copy of its own: the bytes may be those of a large batch.
  return Buffer.concat([anchor, bytes.subarray(-ANCHOR_BYTES)]).subarray(-ANCHOR_BYTES);
}

/** As it stands in a file. */
export function encodeAnchor(anchor: Buffer): string {
  return anchor.toString("base64");
}

export function markAt(fileSystem: FileSystem, fd: number, offset: number): Mark {
  return { file: statusOf(fileSystem, fd).identity, offset, anchor: encodeAnchor(readAnchor(fileSystem, fd, offset)) };
}

/** Whether an open file is the one that the mark was made of, and has only grown since. */
export function hasOnlyGrown(fileSystem: FileSystem, fd: number, mark: Mark): boolean {
  const { identity, size } = statusOf(fileSystem, fd);
  if (identity !== mark.file || mark.offset > size) return false;
  return encodeAnchor(readAnchor(fileSystem, fd, mark.offset)) === mark.anchor;
}
