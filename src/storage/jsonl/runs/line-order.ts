import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeLine } from "../../../adr004/run-line.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { type FileSystem, readRange } from "../files/file-system.ts";
import { replacedMeanwhile } from "../files/fs-errors.ts";
import { forEachLine } from "../journal/lines.ts";
import { runPosition } from "../key-index/run-position.ts";
import { type Fingerprint, fingerprintAt, hasOnlyGrown } from "../projection/fingerprint.ts";
import type { Snapshot } from "../run-view/scan.ts";

/** The lines of a log in the order of time. */
export interface LineOrder {
  /** The log as it was read: in another one nothing stands where this says. */
  readonly fingerprint: Fingerprint;
  /** Where each line begins, as they stand, and behind the last one where it ends. */
  readonly starts: Float64Array;
  /** The lines' numbers, from 0, in the order of time; `undefined` if they stand in it already. */
  readonly sorted: Uint32Array | undefined;
  /** Whether something stands behind the last newline, which has no place yet. */
  readonly hasTail: boolean;
}

/**
 * Reads an open log and puts its lines in order; those of one instant stay as they stand. A line without a live run that
 * says its time stays behind the line before it, for nothing says better. A line that repeats an earlier run stays
 * behind everything before it: the earlier run is the one that counts. Holds some 20 bytes a line.
 */
export async function orderLines(log: Snapshot): Promise<LineOrder> {
  const { fileSystem, fd, size } = log;
  const lines = new Lines();
  const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, (bytes, start) => {
    const { executions } = decodeLine(bytes);
    if (executions.some((_, number) => log.duplicates.has(runPosition(start, number)))) lines.addBehindAll(start);
    else lines.add(start, executions.find(({ at }) => at !== undefined && !hasExpired(at, log.cutoff))?.at);
  });
  return { fingerprint: fingerprintAt(fileSystem, fd, end), ...lines.inOrder(end), hasTail: end < size };
}

class Lines {
  #starts = new Float64Array(1024);
  #times = new Float64Array(1024);
  #count = 0;
  #latest = Number.NEGATIVE_INFINITY;
  #isSorted = true;

  add(start: number, at: number | undefined): void {
    if (this.#count + 1 >= this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#times = grown(this.#times);
    }
    const before = this.#count === 0 ? Number.NEGATIVE_INFINITY : (this.#times[this.#count - 1] ?? 0);
    const time = at ?? before;
    if (time < before) this.#isSorted = false;
    if (time > this.#latest) this.#latest = time;
    this.#starts[this.#count] = start;
    this.#times[this.#count] = time;
    this.#count += 1;
  }

  addBehindAll(start: number): void {
    this.add(start, this.#latest);
  }

  inOrder(end: number): Pick<LineOrder, "starts" | "sorted"> {
    this.#starts[this.#count] = end;
    const starts = this.#starts.subarray(0, this.#count + 1);
    if (this.#isSorted) return { starts, sorted: undefined };
    const times = this.#times;
    const numbers = Uint32Array.from({ length: this.#count }, (_, number) => number);
    return { starts, sorted: numbers.sort((a, b) => compare(times[a] ?? 0, times[b] ?? 0) || a - b) };
  }
}

/** Not the difference: that of two infinities is none. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

/** So much is read at once of lines that stand together. */
const READ_BYTES = 256 * 1024;
/** How long copying may keep the event loop from other work, in ms. */
const TURN_MS = 15;

/**
 * Hands over the bytes of the lines, newlines included, in the order of time. Gives the offset behind the last one. Fails
 * where the open log is not the one that was put in order, or it was written over meanwhile.
 */
export async function readInOrder(
  fileSystem: FileSystem,
  fd: number,
  { fingerprint, sorted, starts }: LineOrder,
  use: (bytes: Buffer) => void,
): Promise<number> {
  const count = starts.length - 1;
  let turnEnds = performance.now() + TURN_MS;
  for (let index = 0; index < count; ) {
    const first = sorted?.[index] ?? index;
    const from = starts[first] ?? 0;
    let next = first + 1;
    index += 1;
    while (index < count && (sorted?.[index] ?? index) === next && (starts[next + 1] ?? 0) - from <= READ_BYTES) {
      next += 1;
      index += 1;
    }
    use(readRange(fileSystem, fd, from, starts[next] ?? 0));
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + TURN_MS;
  }
  if (!hasOnlyGrown(fileSystem, fd, fingerprint)) throw replacedMeanwhile("The log that was being put in order");
  return starts[count] ?? 0;
}
