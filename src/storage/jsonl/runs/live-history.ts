import { addToHistory, type DayTally, type HistoryView, viewHistory } from "../../../domain/figures/history.ts";
import type { Tally } from "../../../domain/figures/tally.ts";
import { hasExpired, type RetentionDays } from "../../../domain/run/retention.ts";
import type { FileStatus, FileSystem } from "../files/file-system.ts";
import { runPosition } from "../journal/run-position.ts";
import { type Deduplicated, type Duplicates, deduplicate, identified } from "../key-index/lookup.ts";
import type { Covered } from "./covered.ts";
import { type PartialDay, readPartialDay } from "./partial-day.ts";
import type { Tail } from "./tail.ts";

/** What is live in a log that is covered: without the runs that have expired, and with the last line. */
export class LiveHistory {
  readonly #fileSystem: FileSystem;
  readonly #tail: Tail;
  readonly #retentionDays: RetentionDays;
  /** The day that the cutoff cuts through, read run by run. */
  #boundary: { day: DayTally; ofRuns: number; runs: PartialDay } | undefined;

  constructor(fileSystem: FileSystem, tail: Tail, retentionDays: RetentionDays) {
    this.#fileSystem = fileSystem;
    this.#tail = tail;
    this.#retentionDays = retentionDays;
  }

  /** Forgets what was read of a log: another one is asked about from here on. */
  forget(): void {
    this.#boundary = undefined;
  }

  /** As of a status of the file. `undefined` if the log has to be read to fill the windows. */
  async view(covered: Covered, fd: number, status: FileStatus, cutoff: number): Promise<HistoryView | undefined> {
    const countDay = (day: DayTally) => this.#countDay(covered, fd, day, cutoff);
    const pending = this.#tailRuns(covered, fd, status).filter(({ repeats }) => repeats === undefined);
    // The next writer may still be at it, so what stands behind the last newline is added to a copy only.
    const history = pending.length === 0 ? covered.history : structuredClone(covered.history);
    for (const { run } of pending) addToHistory(history, run, covered.offset);
    return viewHistory(history, cutoff, countDay);
  }

  /** The runs that repeat an earlier one, also behind the last newline. */
  duplicates(covered: Covered, fd: number, status: FileStatus): Duplicates {
    const duplicates = new Set(covered.duplicates.keys());
    for (const [number, { repeats }] of this.#tailRuns(covered, fd, status).entries()) {
      if (repeats !== undefined) duplicates.add(runPosition(covered.offset, number));
    }
    return duplicates;
  }

  #tailRuns(covered: Covered, fd: number, status: FileStatus): Deduplicated[] {
    const { index, duplicates, offset: start } = covered;
    const log = { fileSystem: this.#fileSystem, fd, index, duplicates };
    const runs = this.#tail.runs(covered, fd, status).map(identified);
    return deduplicate(log, this.#retentionDays, { start, runs });
  }

  async #countDay(covered: Covered, fd: number, day: DayTally, cutoff: number): Promise<Tally> {
    // A run that was added to the day since makes it another one.
    if (this.#boundary?.day !== day || this.#boundary.ofRuns !== day.runs) {
      const runs = await readPartialDay(this.#fileSystem, fd, day, covered.duplicates);
      this.#boundary = { day, ofRuns: day.runs, runs };
    }
    return this.#boundary.runs.liveAt(cutoff);
  }
}

/** The runs that count in a covered log, by age; of the day that the cutoff cuts through, one is counted as expired. */
export function countByAge(
  { offset, history }: Covered,
  cutoff: number,
): { sizeBytes: number; expiredRuns: number; liveRuns: number } {
  const counts = { sizeBytes: offset, expiredRuns: 0, liveRuns: history.total.runs };
  for (const day of history.days.values()) {
    const expired = hasExpired(day.latestAt, cutoff) ? day.runs : hasExpired(day.earliestAt, cutoff) ? 1 : 0;
    counts.expiredRuns += expired;
    counts.liveRuns -= expired;
  }
  return counts;
}
