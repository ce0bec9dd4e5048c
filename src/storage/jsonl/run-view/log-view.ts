import { MAX_LINE_BYTES } from "../../../adr004/run-line.ts";
import { type HistoryView, hasUndatedRuns } from "../../../domain/history/history.ts";
import type { Tally } from "../../../domain/history/tally.ts";
import { type Execution, idIdentity, isContentId, keyIdentity } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { type FileStatus, READ, statusOf, withFileAsync } from "../files/file-system.ts";
import { hasErrno } from "../files/fs-errors.ts";
import { KeyIndex } from "../key-index/key-index.ts";
import { findFirst, findLast, type IndexedLog, type Located } from "../key-index/lookup.ts";
import { DamagedSegment } from "../key-index/segment.ts";
import type { ReadingContext } from "../projection/agent-context.ts";
import type { Fingerprint } from "../projection/fingerprint.ts";
import type { WrittenFold } from "../projection/fold.ts";
import { type OwnLines, Projection } from "../projection/projection.ts";
import type { CountByAge } from "../projection/retention-policy.ts";
import { countByAge, LiveHistory } from "./live-history.ts";
import { type OpenLog, type RunLine, type RunState, runFold } from "./run-fold.ts";
import { runSnapshot, sweepSegments } from "./run-snapshot.ts";
import { type Snapshot, scanHistory } from "./scan.ts";
import { Tail } from "./tail.ts";
import type { CountedRuns } from "./windows.ts";

/**
 * One log as one process knows it. Reading never writes; only `saveSnapshot` does, and only under the log's lock.
 * One caller at a time.
 */
export class LogView {
  readonly #options: ReadingContext;
  readonly #runs: Projection<RunState, RunLine, OpenLog>;
  readonly #tail: Tail;
  readonly #live: LiveHistory;
  /** The log's status when it was last read. */
  #seen: FileStatus | undefined;

  constructor(options: ReadingContext) {
    const { fileSystem, files, retentionDays } = options;
    this.#options = options;
    const fold = runFold(fileSystem, files.index, retentionDays);
    this.#runs = new Projection(options, files.log, fold, runSnapshot(fileSystem, files.index));
    this.#tail = new Tail(fileSystem);
    this.#live = new LiveHistory(fileSystem, this.#tail, retentionDays);
  }

  /** Reads what has been added to the open log. `own` lines need not be read back if nothing else came. */
  async catchUp(fd: number, own?: OwnLines<RunLine>): Promise<void> {
    await this.#unlessLost(
      () => this.#read(fd, own),
      // Without a snapshot that took the place of the index that was lost, all is read again.
      () =>
        this.#unlessLost(
          () => this.#read(fd),
          () => this.rebuild(fd),
        ),
    );
  }

  /** Reads the whole log again, believing no snapshot. */
  async rebuild(fd: number): Promise<void> {
    this.#runs.forget({ andSnapshot: true });
    await this.#read(fd);
  }

  async #read(fd: number, own?: OwnLines<RunLine>): Promise<void> {
    this.#seen = statusOf(this.#options.fileSystem, fd);
    await this.#runs.read(fd, { fd }, { to: this.#seen.size, own });
  }

  /** Opens the log, which has to be there, reads on, and asks something about it. */
  reading<T>(question: (fd: number) => T | Promise<T>): Promise<T> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      await this.catchUp(fd);
      return this.ask(fd, () => question(fd));
    });
  }

  /**
   * Asks something that looks into the index. Another process may have swept away index files since they were opened:
   * then it is asked once more, with the files that are there now.
   */
  async ask<T>(fd: number, question: () => T | Promise<T>): Promise<T> {
    return this.#unlessLost(question, async () => {
      await this.catchUp(fd);
      return question();
    });
  }

  async #unlessLost<T>(work: () => T | Promise<T>, otherwise: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DamagedSegment || hasErrno(error, "ENOENT"))) throw error;
      this.#runs.forget();
      return otherwise();
    }
  }

  /** Takes the log in while another process writes it anew. */
  writing(): WrittenFold<RunState, RunLine, OpenLog> {
    return this.#runs.writing();
  }

  /** Goes on from what was taken in of a log that took the place of the one before. */
  adopt(written: WrittenFold<RunState, RunLine, OpenLog>): void {
    this.#runs.adopt(written);
  }

  /** The run under a key that is live at a cutoff (ms). The view has caught up. */
  findByKey(fd: number, key: string, cutoff: number): Execution | undefined {
    const execution = this.locate(fd, keyIdentity(key))?.execution;
    return hasExpired(execution?.at, cutoff) ? undefined : execution;
  }

  /** The runs of an id that are live at a cutoff (ms): more than one if they say exactly the same, and not all if they are many. */
  findById(fd: number, id: string, cutoff: number): Execution[] {
    const located = this.#called(fd, id).map(({ execution }) => execution);
    const inTail = this.#live.tailRuns(this.#runs.current, fd, this.#lastSeen()).filter((run) => run.id === id);
    return [...located, ...inTail].filter(({ at }) => !hasExpired(at, cutoff));
  }

  /** The last run with an identity that counts, and its place. It may have expired. */
  locate(fd: number, identity: string): Located | undefined {
    return findLast(this.#indexed(fd), identity);
  }

  /** The run of an id, the first of those that say exactly the same, and its place. It may have expired. */
  locateById(fd: number, id: string): Located | undefined {
    return this.#called(fd, id)[0];
  }

  #called(fd: number, id: string): Located[] {
    if (isContentId(id)) return findFirst(this.#indexed(fd), id);
    const located = this.locate(fd, idIdentity(id));
    return located === undefined ? [] : [located];
  }

  #indexed(fd: number): IndexedLog {
    const { duplicates, index } = this.#runs.current.state;
    return { fileSystem: this.#options.fileSystem, fd, index, duplicates };
  }

  /** How far the log has been read. */
  get fingerprint(): Fingerprint {
    return this.#runs.current.fingerprint;
  }

  /** How often the log was taken in from its start: what was told from places in it may not hold any more. */
  get rebuilds(): number {
    return this.#runs.restarts;
  }

  get damagedLines(): number {
    return this.#runs.current.damagedLines;
  }

  /** The log's runs by age, as far as they are known. */
  countByAge(cutoff: number): CountByAge {
    return countByAge(this.#runs.current, cutoff);
  }

  /** The runs that repeat an earlier one, by their `runPosition`, and where the line of that one begins. */
  get duplicates(): ReadonlyMap<string, number> {
    return this.#runs.current.state.duplicates;
  }

  /** With those behind the last newline. */
  duplicatesIn(fd: number): ReadonlyMap<string, number> {
    return this.#live.duplicates(this.#runs.current, fd, this.#lastSeen());
  }

  /** Whether a run stands behind the last newline, where it is not taken in yet. */
  hasRunInTail(fd: number): boolean {
    return this.#tail.runs(this.#runs.current, fd, this.#lastSeen()).length > 0;
  }

  /** The log as it stood when it was last read, for a reader that goes through it itself. */
  snapshot(fd: number, cutoff: number): Snapshot {
    const { fileSystem } = this.#options;
    const { offset } = this.fingerprint;
    const seen = this.#lastSeen();
    // What stands behind the last newline may be too long for a line.
    const size = seen.size - offset > MAX_LINE_BYTES ? offset : seen.size;
    return { fileSystem, fd, size, duplicates: this.#live.duplicates(this.#runs.current, fd, seen), cutoff };
  }

  /** What is live in the log, with a last line that is whole but for its newline. */
  async live(fd: number, cutoff: number): Promise<HistoryView> {
    const view = await this.#live.view(this.#runs.current, fd, this.#lastSeen(), cutoff);
    return view ?? scanHistory(this.snapshot(fd, cutoff), {}, () => {});
  }

  /** The live runs by day number. */
  days(fd: number, cutoff: number): Promise<Map<number, Tally>> {
    return this.#live.days(this.#runs.current, fd, this.#lastSeen(), cutoff);
  }

  /** The counters of the runs between two instants (ms), and where in the log the days stand that have any of them. */
  between(fd: number, span: { since: number; until: number }): Promise<CountedRuns> {
    return this.#live.between(this.#runs.current, fd, this.#lastSeen(), span);
  }

  /** Whether the log has runs without a readable timestamp, also behind the last newline. */
  hasUndatedRuns(fd: number): boolean {
    const { state } = this.#runs.current;
    const tail = this.#tail.runs(this.#runs.current, fd, this.#lastSeen());
    return hasUndatedRuns(state.history) || tail.some(({ at }) => at === undefined);
  }

  /** Whether so much was added since the last snapshot that a new one is due. */
  get isSnapshotDue(): boolean {
    return this.#runs.isSnapshotDue;
  }

  /**
   * Writes what was learnt beside the log. The caller holds the lock, and has made the folder. Fails with `DamagedSegment`
   * if the snapshot is gone that the index goes on from.
   */
  saveSnapshot(fd: number): void {
    const { fileSystem, files } = this.#options;
    const { state } = this.#runs.current;
    // Another process may have saved a later one since: its segments are built on, and ours go.
    const onDisk = this.#runs.saved(fd, { fd });
    if (onDisk === undefined && state.index.segmentNames.length > 0) throw new DamagedSegment("the snapshot is gone");
    const base = onDisk?.state.index ?? new KeyIndex(fileSystem, files.index);
    state.index = state.index.flushed(onDisk?.fingerprint.offset ?? 0, base);
    this.#runs.saveSnapshot();
    sweepSegments(fileSystem, files.index, state.index.segmentNames);
  }

  #lastSeen(): FileStatus {
    if (this.#seen === undefined) throw new Error("catchUp comes before any question");
    return this.#seen;
  }
}
