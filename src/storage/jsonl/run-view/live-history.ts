import { addToHistory, type DayTally, type HistoryView, viewHistory } from "../../../domain/figures/history.ts";
import type { Tally } from "../../../domain/figures/tally.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { FileStatus, FileSystem } from "../files/file-system.ts";
import { deduplicate, identified, type Judged } from "../key-index/lookup.ts";
import { runPosition } from "../key-index/run-position.ts";
import type { Projected } from "../projection/fold.ts";
import type { CountByAge } from "../projection/retention-policy.ts";
import { type PartialDay, readPartialDay } from "./partial-day.ts";
import type { OpenLog, RunState } from "./run-fold.ts";
import type { Tail } from "./tail.ts";

type ReadLog = Projected<RunState>;

/** What is live in a log that was read: without the runs that expired since they were read, and with the last line. */
export class LiveHistory {
  readonly #fileSystem: FileSystem;
  readonly #tail: Tail;
  /** The day that the cutoff cuts through, read run by run. */
  #boundary: { day: DayTally; ofRuns: number; runs: PartialDay } | undefined;

  constructor(fileSystem: FileSystem, tail: Tail) {
    this.#fileSystem = fileSystem;
    this.#tail = tail;
  }

  /**
   * As of a status of the file. `undefined` where so many of the last runs have expired that the windows have to be
   * filled from further back.
   */
  async view(log: ReadLog, status: FileStatus, open: OpenLog): Promise<HistoryView | undefined> {
    const countDay = (day: DayTally) => this.#countDay(log, day, open);
    const pending = this.#judgedTail(log, status, open).filter(({ standing }) => standing === "counts");
    // The next writer may still be at it, so what stands behind the last newline is added to a copy only.
    const history = pending.length === 0 ? log.state.history : structuredClone(log.state.history);
    for (const { run } of pending) addToHistory(history, run, log.fingerprint.offset);
    return viewHistory(history, open.cutoff, countDay);
  }

  /** The runs that repeat an earlier one, also behind the last newline. */
  repeats(log: ReadLog, status: FileStatus, open: OpenLog): ReadonlySet<string> {
    const repeats = new Set(log.state.repeats);
    for (const [number, { standing }] of this.#judgedTail(log, status, open).entries()) {
      if (typeof standing === "object") repeats.add(runPosition(log.fingerprint.offset, number));
    }
    return repeats;
  }

  #judgedTail(log: ReadLog, status: FileStatus, open: OpenLog): Judged[] {
    const runs = this.#tail.runs(log, open.fd, status);
    const { index, repeats } = log.state;
    return deduplicate({ fileSystem: this.#fileSystem, index, repeats, ...open }, runs.map(identified));
  }

  async #countDay({ state }: ReadLog, day: DayTally, { cutoff, fd }: OpenLog): Promise<Tally> {
    // A run that was added to the day since makes it another one.
    if (this.#boundary?.day !== day || this.#boundary.ofRuns !== day.runs) {
      const runs = await readPartialDay(this.#fileSystem, fd, day, state.repeats);
      this.#boundary = { day, ofRuns: day.runs, runs };
    }
    return this.#boundary.runs.liveAt(cutoff);
  }
}

/**
 * The runs of a log by age; of the day that the cutoff cuts through, one is counted as expired. Of runs that had
 * expired at a later cutoff when they were read nothing is known, so that they are not.
 */
export function countByAge({ fingerprint, state }: ReadLog, cutoff: number): CountByAge {
  const { expiredCutoff, expiredRuns, history } = state;
  const known = expiredCutoff <= cutoff ? expiredRuns : 0;
  let expired = known;
  for (const day of history.days.values()) {
    expired += hasExpired(day.latestAt, cutoff) ? day.runs : hasExpired(day.earliestAt, cutoff) ? 1 : 0;
  }
  return {
    sizeBytes: fingerprint.offset,
    expiredRuns: expired,
    liveRuns: expiredRuns + history.total.runs - expired,
  };
}
