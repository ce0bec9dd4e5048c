import { addToHistory, type DayTally, type HistoryView, viewHistory } from "../../../domain/figures/history.ts";
import type { Tally } from "../../../domain/figures/tally.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { FileStatus, FileSystem } from "../files/file-system.ts";
import { runPosition } from "../journal/run-position.ts";
import { deduplicate, identified, type Judged } from "../key-index/lookup.ts";
import type { Covered } from "./covered.ts";
import { type PartialDay, readPartialDay } from "./partial-day.ts";
import type { Tail } from "./tail.ts";

/** What is live in a log that is covered: without the runs that expired since they were read, and with the last line. */
export class LiveHistory {
  readonly #fileSystem: FileSystem;
  readonly #tail: Tail;
  /** The day that the cutoff cuts through, read run by run. */
  #boundary: { day: DayTally; ofRuns: number; runs: PartialDay } | undefined;

  constructor(fileSystem: FileSystem, tail: Tail) {
    this.#fileSystem = fileSystem;
    this.#tail = tail;
  }

  /** Forgets what was read of a log: another one is asked about from here on. */
  forget(): void {
    this.#boundary = undefined;
  }

  /**
   * As of a status of the file. `undefined` where so many of the last runs have expired that the windows have to be
   * filled from further back.
   */
  async view(covered: Covered, fd: number, status: FileStatus, cutoff: number): Promise<HistoryView | undefined> {
    const countDay = (day: DayTally) => this.#countDay(covered, fd, day, cutoff);
    const pending = this.#judgedTail(covered, fd, status, cutoff).filter(({ standing }) => standing === "counts");
    // The next writer may still be at it, so what stands behind the last newline is added to a copy only.
    const history = pending.length === 0 ? covered.history : structuredClone(covered.history);
    for (const { run } of pending) addToHistory(history, run, covered.offset);
    return viewHistory(history, cutoff, countDay);
  }

  /** The runs that repeat an earlier one, also behind the last newline. */
  repeats(covered: Covered, fd: number, status: FileStatus, cutoff: number): ReadonlySet<string> {
    const repeats = new Set(covered.repeats);
    for (const [number, { standing }] of this.#judgedTail(covered, fd, status, cutoff).entries()) {
      if (typeof standing === "object") repeats.add(runPosition(covered.offset, number));
    }
    return repeats;
  }

  #judgedTail(covered: Covered, fd: number, status: FileStatus, cutoff: number): Judged[] {
    const runs = this.#tail.runs(covered, fd, status);
    const { index, repeats } = covered;
    return deduplicate({ fileSystem: this.#fileSystem, fd, index, repeats, cutoff }, runs.map(identified));
  }

  async #countDay(covered: Covered, fd: number, day: DayTally, cutoff: number): Promise<Tally> {
    // A run that was added to the day since makes it another one.
    if (this.#boundary?.day !== day || this.#boundary.ofRuns !== day.runs) {
      const runs = await readPartialDay(this.#fileSystem, fd, day, covered.repeats);
      this.#boundary = { day, ofRuns: day.runs, runs };
    }
    return this.#boundary.runs.liveAt(cutoff);
  }
}

/**
 * The runs of a covered log by age; of the day that the cutoff cuts through, one is counted as expired. Of runs that had
 * expired at a later cutoff when they were read nobody knows, so that they are not.
 */
export function countByAge(
  { offset, expiredRuns, expiredCutoff, history }: Covered,
  cutoff: number,
): { sizeBytes: number; expiredRuns: number; liveRuns: number } {
  const known = expiredCutoff <= cutoff ? expiredRuns : 0;
  const counts = { sizeBytes: offset, expiredRuns: known, liveRuns: expiredRuns - known + history.total.runs };
  for (const day of history.days.values()) {
    const expired = hasExpired(day.latestAt, cutoff) ? day.runs : hasExpired(day.earliestAt, cutoff) ? 1 : 0;
    counts.expiredRuns += expired;
    counts.liveRuns -= expired;
  }
  return counts;
}
