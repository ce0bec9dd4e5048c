import { type FileIdentity, type FileSystem, readRange, statusOf } from "./file-system.ts";

/** How far a file has been read, as a mark by which it is known again: the file, and its last bytes before an offset. */
export interface Mark {
  readonly file: FileIdentity;
  readonly offset: number;
  readonly anchor: string;
}

/** Nearly every line is shorter: what sets two of one length and one second apart, its id, stands at its beginning. */
const ANCHOR_BYTES = 4096;

/** The last bytes before an offset. */
export function readAnchor(fileSystem: FileSystem, fd: number, offset: number): string {
  return readRange(fileSystem, fd, Math.max(0, offset - ANCHOR_BYTES), offset).toString("base64");
}

/** The same once more bytes stand behind them. */
export function anchorAfter(anchor: string, bytes: Buffer): string {
  const last = bytes.length >= ANCHOR_BYTES ? bytes : Buffer.concat([Buffer.from(anchor, "base64"), bytes]);
  return last.subarray(-ANCHOR_BYTES).toString("base64");
}

export function markAt(fileSystem: FileSystem, fd: number, offset: number): Mark {
  return { file: statusOf(fileSystem, fd).identity, offset, anchor: readAnchor(fileSystem, fd, offset) };
}

/** Whether an open file is the one that the mark was made of, and has only grown since. */
export function hasOnlyGrown(fileSystem: FileSystem, fd: number, mark: Mark): boolean {
  const { identity, size } = statusOf(fileSystem, fd);
  return identity === mark.file && mark.offset <= size && readAnchor(fileSystem, fd, mark.offset) === mark.anchor;
}
