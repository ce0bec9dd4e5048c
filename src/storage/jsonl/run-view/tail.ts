import { decodeLine, MAX_LINE_BYTES } from "../../../adr004/run-line.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { type FileStatus, type FileSystem, readRange } from "../files/file-system.ts";
import type { Projected } from "../projection/fold.ts";

/** A shorter tail is read again rather than kept in mind: its writer may be at it, or take it back. */
const LONG_TAIL_BYTES = 64 * 1024;
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
  runs(log: Projected<unknown>, fd: number, { size, changedAtMs }: FileStatus): readonly Execution[] {
    const from = log.fingerprint.offset;
    if (size <= from || size - from > MAX_LINE_BYTES) {
      this.#known = undefined;
      return noRuns;
    }
    const known = this.#known;
    const isKnown =
      known?.log === log && known.from === from && known.size === size && known.changedAtMs === changedAtMs;
    if (isKnown) return known.runs;
    const runs = decodeLine(readRange(this.#fileSystem, fd, from, size)).executions;
    this.#known = size - from > LONG_TAIL_BYTES ? { log, from, size, changedAtMs, runs } : undefined;
    return runs;
  }
}

interface KnownTail {
  readonly log: Projected<unknown>;
  readonly from: number;
  readonly size: number;
  readonly changedAtMs: number;
  readonly runs: readonly Execution[];
}
