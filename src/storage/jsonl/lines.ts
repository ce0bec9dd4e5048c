import { setImmediate as nextTurn } from "node:timers/promises";
import { type FileSystem, readRange } from "./file-system.ts";

const NEWLINE = 0x0a;
/** Large enough that the calls do not count, small enough to stay out of the figures for memory. */
const CHUNK_BYTES = 256 * 1024;
/** How long reading may keep the event loop from other requests. */
const TURN_MS = 15;

/** One line of the log: where it begins, and its bytes without the newline. The bytes are only good until the next line. */
export type UseLine = (bytes: Buffer, start: number) => void;

/**
 * Hands over every whole line from `from` to at most `to`, and gives the offset after the last newline. Lines are split
 * at byte 0x0A alone: U+2028 and its like are text. Lets other work in between from time to time.
 */
export async function forEachLine(
  fileSystem: FileSystem,
  fd: number,
  range: { from: number; to: number },
  useLine: UseLine,
): Promise<number> {
  let covered = range.from;
  /** The parts of a line whose end has not come. */
  let begun: Buffer[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (let at = range.from; at < range.to; ) {
    const chunk = readRange(fileSystem, fd, at, Math.min(range.to, at + CHUNK_BYTES));
    if (chunk.length === 0) break;
    at += chunk.length;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const bytes = chunk.subarray(start, end);
      const line = begun.length === 0 ? bytes : Buffer.concat([...begun, bytes]);
      useLine(line, covered);
      covered += line.length + 1;
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
    if (performance.now() > turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  return covered;
}

export interface Line {
  readonly start: number;
  readonly bytes: Buffer;
}

/** The lines that end before `end`, last one first. What stands behind the last newline is a line too. */
export async function* linesBackwards(fileSystem: FileSystem, fd: number, end: number): AsyncGenerator<Line> {
  /** The parts of a line whose beginning has not come, first one first. */
  let ended: Buffer[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (let at = end; at > 0; ) {
    const from = Math.max(0, at - CHUNK_BYTES);
    const chunk = readRange(fileSystem, fd, from, at);
    let stop = chunk.length;
    for (let newline = chunk.lastIndexOf(NEWLINE); newline >= 0; ) {
      yield { start: from + newline + 1, bytes: Buffer.concat([chunk.subarray(newline + 1, stop), ...ended]) };
      ended = [];
      stop = newline;
      newline = newline === 0 ? -1 : chunk.lastIndexOf(NEWLINE, newline - 1);
    }
    ended.unshift(chunk.subarray(0, stop));
    at = from;
    if (performance.now() > turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  if (end > 0) yield { start: 0, bytes: Buffer.concat(ended) };
}

/** The bytes of the line that begins at `start`, without its newline. */
export function readLineAt(fileSystem: FileSystem, fd: number, start: number): Buffer {
  let size = 1024;
  for (;;) {
    const bytes = readRange(fileSystem, fd, start, start + size);
    const newline = bytes.indexOf(NEWLINE);
    if (newline >= 0) return bytes.subarray(0, newline);
    if (bytes.length < size) return bytes;
    size *= 8;
  }
}
