import {
  addToHistory,
  type DayTally,
  type History,
  type HistoryView,
  liveTallies,
  liveTally,
  viewHistory,
} from "../../../domain/history/history.ts";
import { subtractTally, type Tally } from "../../../domain/history/tally.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { hasExpired, type RetentionDays } from "../../../domain/run/retention.ts";
import type { PartialDay } from "../../shared/partial-day.ts";
import type { FileStatus, FileSystem } from "../files/file-system.ts";
import { type Deduplicated, deduplicate, identified } from "../key-index/lookup.ts";
import { runPosition } from "../key-index/run-position.ts";
import type { Projected } from "../projection/fold.ts";
import type { CountByAge } from "../projection/retention-policy.ts";
import { readPartialDay } from "./partial-day.ts";
import type { RunState } from "./run-fold.ts";
import type { Tail } from "./tail.ts";
import type { CountedRuns } from "./windows.ts";

type ReadLog = Projected<RunState>;

/** What is live in a log that was read: without the runs that have expired, and with the last line. */
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

  /** As of a status of the file. `undefined` if the log has to be read to fill the windows. */
  async view(log: ReadLog, fd: number, status: FileStatus, cutoff: number): Promise<HistoryView | undefined> {
    const countDay = (day: DayTally) => this.#countDay(log, fd, day, cutoff);
    return viewHistory(this.#withTail(log, fd, status), cutoff, countDay);
  }

  /** The counters of the runs between two instants (ms), and where in the log the days stand that have any of them. */
  async between(
    log: ReadLog,
    fd: number,
    status: FileStatus,
    { since, until }: { since: number; until: number },
  ): Promise<CountedRuns> {
    const history = this.#withTail(log, fd, status);
    const from = (cutoff: number) => liveTally(history, cutoff, (day) => this.#countDay(log, fd, day, cutoff));
    const days = [...history.days.values()].filter(
      ({ earliestAt, latestAt }) => earliestAt < until && latestAt >= since,
    );
    const tally = subtractTally(await from(since), await from(until));
    const firstPlace = Math.min(...days.map((day) => day.firstPlace));
    return { tally, firstPlace, lastPlace: Math.max(...days.map((day) => day.lastPlace)) };
  }

  /** As of a status of the file, by day number. */
  async days(log: ReadLog, fd: number, status: FileStatus, cutoff: number): Promise<Map<number, Tally>> {
    const countDay = (day: DayTally) => this.#countDay(log, fd, day, cutoff);
    return liveTallies(this.#withTail(log, fd, status), cutoff, countDay);
  }

  /** The next writer may still be at it, so what stands behind the last newline is added to a copy only. */
  #withTail(log: ReadLog, fd: number, status: FileStatus): History {
    const pending = this.tailRuns(log, fd, status);
    const history = pending.length === 0 ? log.state.history : structuredClone(log.state.history);
    for (const run of pending) addToHistory(history, run, log.fingerprint.offset);
    return history;
  }

  /** The runs behind the last newline that count. */
  tailRuns(log: ReadLog, fd: number, status: FileStatus): Execution[] {
    return this.#tailRuns(log, fd, status).flatMap(({ repeats, run }) => (repeats === undefined ? run : []));
  }

  /** The runs that repeat an earlier one, also behind the last newline, and where the line of that one begins. */
  duplicates(log: ReadLog, fd: number, status: FileStatus): ReadonlyMap<string, number> {
    const duplicates = new Map(log.state.duplicates);
    for (const [number, { repeats }] of this.#tailRuns(log, fd, status).entries()) {
      if (repeats !== undefined) duplicates.set(runPosition(log.fingerprint.offset, number), repeats);
    }
    return duplicates;
  }

  #tailRuns(log: ReadLog, fd: number, status: FileStatus): Deduplicated[] {
    const { index, duplicates } = log.state;
    const runs = this.#tail.runs(log, fd, status).map(identified);
    const line = { start: log.fingerprint.offset, runs };
    return deduplicate({ fileSystem: this.#fileSystem, fd, index, duplicates }, this.#retentionDays, line);
  }

  async #countDay({ state }: ReadLog, fd: number, day: DayTally, cutoff: number): Promise<Tally> {
    // A run that was added to the day since makes it another one.
    if (this.#boundary?.day !== day || this.#boundary.ofRuns !== day.runs) {
      const runs = await readPartialDay(this.#fileSystem, fd, day, state.duplicates);
      this.#boundary = { day, ofRuns: day.runs, runs };
    }
    return this.#boundary.runs.liveAt(cutoff);
  }
}

/** The runs that count in a log, by age; of the day that the cutoff cuts through, one is counted as expired. */
export function countByAge({ fingerprint, state }: ReadLog, cutoff: number): CountByAge {
  const { days, total } = state.history;
  let expired = 0;
  for (const day of days.values()) {
    expired += hasExpired(day.latestAt, cutoff) ? day.runs : hasExpired(day.earliestAt, cutoff) ? 1 : 0;
  }
  return { sizeBytes: fingerprint.offset, expiredRuns: expired, liveRuns: total.runs - expired };
}
