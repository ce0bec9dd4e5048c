import { decodeLine, MAX_LINE_BYTES } from "../../../adr004/run-line.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { type FileStatus, type FileSystem, readRange } from "../files/file-system.ts";
import type { Covered } from "./covered.ts";

/** A shorter tail is read again rather than kept in mind: whoever writes it may be at it, or take it back. */
const LONG_TAIL_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const noRuns: readonly Execution[] = [];

/**
 * What stands behind the last newline of a log: a line on its way, or the torn end of one. It may be of any length, and is
 * looked at with every question, so that a long one is looked at once.
 */
export class Tail {
  readonly #fileSystem: FileSystem;
  #known: KnownTail | undefined;

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  /** The runs in it, as of a status of the file: those of a line that is whole but for its newline. */
  runs(covered: Covered, fd: number, { size, changedAtMs }: FileStatus): readonly Execution[] {
    const from = covered.offset;
    if (size <= from || size - from > MAX_LINE_BYTES) {
      this.#known = undefined;
      return noRuns;
    }
    const known = this.#known;
    const isKnown =
      known?.covered === covered && known.from === from && known.size === size && known.changedAtMs === changedAtMs;
    if (isKnown) return known.runs;
    const runs = decodeLine(readRange(this.#fileSystem, fd, from, size)).executions;
    this.#known = size - from > LONG_TAIL_BYTES ? { covered, from, size, changedAtMs, runs } : undefined;
    return runs;
  }
}

interface KnownTail {
  readonly covered: Covered;
  readonly from: number;
  readonly size: number;
  readonly changedAtMs: number;
  readonly runs: readonly Execution[];
}

/** Whether a log still ends in the tail that was found before, or in more of it; a short one is not asked about. */
export function isStillTail(fileSystem: FileSystem, fd: number, covered: Covered, size: number): boolean {
  // Some of it was taken back.
  if (size < covered.searched) covered.searched = covered.offset;
  const { offset, searched } = covered;
  if (searched - offset <= LONG_TAIL_BYTES) return false;
  for (let at = searched; at < size; at += READ_BYTES) {
    if (readRange(fileSystem, fd, at, Math.min(size, at + READ_BYTES)).includes(NEWLINE)) return false;
  }
  covered.searched = size;
  return true;
}
