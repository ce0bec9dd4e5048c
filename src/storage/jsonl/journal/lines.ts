import { setImmediate as nextTurn } from "node:timers/promises";
import { KaizenError, NOTHING_WRITTEN } from "../../../errors.ts";
import { type FileSystem, readRange } from "../files/file-system.ts";

const NEWLINE = 0x0a;
/** Large enough that the calls do not count, small enough to stay out of the figures for memory. */
const CHUNK_BYTES = 256 * 1024;
/** Nearly every line is shorter. */
const FIRST_BYTES = 1024;
/** Of a line no more than this is held, and at least half: no reader takes one, and it may be as long as the disk is large. */
const KEPT_BYTES = 16 * 1024 * 1024;
/** A reader that needs every byte of a line holds it in one buffer, which has an end (`buffer.constants.MAX_LENGTH`). */
const LONGEST_BYTES = 1024 * 1024 * 1024;
/** How long reading may keep the event loop from other requests. */
const TURN_MS = 15;

/** One line of the log: where it begins, and its bytes without the newline. The bytes are only good until the next line. */
export type UseLine = (bytes: Buffer, start: number) => void;

export interface LineRange {
  readonly from: number;
  readonly to: number;
  /** Whether every byte is wanted of lines of any length. Fails with `IO_ERROR` at one that no buffer holds. */
  readonly areWhole?: boolean;
}

/**
 * Hands over every line that ends in a newline, from `from` to at most `to`, and gives the offset after the last newline.
 * Of a line that is longer than any that is read only the first bytes are handed over. Lines are split at byte 0x0A alone:
 * U+2028 and its like are text. Lets other work in between from time to time.
 */
export async function forEachLine(
  fileSystem: FileSystem,
  fd: number,
  range: LineRange,
  useLine: UseLine,
): Promise<number> {
  const longest = range.areWhole === true ? LONGEST_BYTES : KEPT_BYTES;
  let covered = range.from;
  // One buffer for all that is read: a new one each time would be most of what there is to clear away.
  let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(0, range.to - range.from)));
  /** Bytes at the front of the buffer that begin a line whose end has not come. */
  let begun = 0;
  /** Bytes of it that were left out behind those. */
  let leftOut = 0;
  let turnEnds = performance.now() + TURN_MS;
  for (let at = range.from; at < range.to; ) {
    if (begun === buffer.length && begun < longest) {
      buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
    } else if (begun === buffer.length) {
      if (range.areWhole === true) throw tooLong(covered);
      // What comes next takes the place of the second half.
      begun /= 2;
      leftOut += begun;
    }
    const wanted = Math.min(range.to - at, buffer.length - begun);
    const count = fileSystem.readSync(fd, buffer, begun, wanted, at);
    if (count === 0) break;
    at += count;
    const filled = begun + count;
    let start = 0;
    // Within a line whose end has not come there was no newline before.
    for (let end = newlineIn(buffer, begun, filled); end >= 0; end = newlineIn(buffer, start, filled)) {
      useLine(buffer.subarray(start, end), covered);
      covered += leftOut + end + 1 - start;
      leftOut = 0;
      start = end + 1;
    }
    if (start > 0) buffer.copyWithin(0, start, filled);
    begun = filled - start;
    if (performance.now() > turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  return covered;
}

function tooLong(offset: number): KaizenError {
  const size = `${LONGEST_BYTES / 2 ** 30} GiB`;
  return new KaizenError("IO_ERROR", `The line at byte ${offset} is longer than ${size}${NOTHING_WRITTEN}`, {
    hint: "Look at what is there, and take it out of the file by hand.",
  });
}

/** Where the next newline stands from an index on, up to an end; -1 if there is none. */
function newlineIn(buffer: Buffer, from: number, end: number): number {
  const index = from < end ? buffer.indexOf(NEWLINE, from) : -1;
  return index < end ? index : -1;
}

export interface Line {
  readonly start: number;
  readonly bytes: Buffer;
}

/**
 * The lines that end before `end`, last one first. What stands behind the last newline is a line too. Of a line that is
 * longer than any that is read only some bytes are handed over.
 */
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
    if (ended.length * CHUNK_BYTES > KEPT_BYTES) ended.pop();
    at = from;
    if (performance.now() > turnEnds) {
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  if (end > 0) yield { start: 0, bytes: Buffer.concat(ended) };
}

/** The bytes of the line that begins at `start`, without its newline; the first ones of one that is longer than any read. */
export function readLineAt(fileSystem: FileSystem, fd: number, start: number): Buffer {
  const pieces: Buffer[] = [];
  let at = start;
  for (let size = FIRST_BYTES; ; size = Math.min(CHUNK_BYTES, 8 * size)) {
    if (at - start > KEPT_BYTES) return Buffer.concat(pieces);
    const bytes = readRange(fileSystem, fd, at, at + size);
    const newline = bytes.indexOf(NEWLINE);
    pieces.push(newline < 0 ? bytes : bytes.subarray(0, newline));
    if (newline >= 0 || bytes.length < size) return Buffer.concat(pieces);
    at += size;
  }
}
