import type { Execution } from "../../domain/execution.ts";
import { addToHistory, type DayTally, type HistoryView, viewHistory } from "../../domain/history.ts";
import { hasExpired } from "../../domain/retention.ts";
import type { Tally } from "../../domain/tally.ts";
import { type BoundaryDay, readBoundaryDay } from "./boundary-day.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { type Damage, decodeLine } from "./codec.ts";
import { type Covered, fromCheckpoint, isStillValid, nothingCovered, toCheckpoint } from "./covered.ts";
import { type FileIdentity, type FileSystem, readRange, statusOf } from "./file-system.ts";
import { hasErrno } from "./fs-errors.ts";
import type { AgentFiles } from "./layout.ts";
import { forEachLine } from "./lines.ts";
import { findFirst, identified, isRepeat, type Located } from "./lookup.ts";
import { type Mark, readAnchor } from "./mark.ts";
import { DamagedSegment } from "./segment.ts";

const noRuns: readonly Execution[] = [];
/** So many damaged lines of a log are named. */
const NAMED_LINES = 5;

/** So much of the log may be uncovered by the checkpoint before a new one is written: what a start has to read. */
const CHECKPOINT_ENTRIES = 2048;
const CHECKPOINT_BYTES = 512 * 1024;
/** Reading more than this from the start is noticed by who waits for it. */
const NOTICEABLE_BYTES = 16 * 1024 * 1024;

export interface LogViewOptions {
  readonly fileSystem: FileSystem;
  readonly files: AgentFiles;
  readonly onNotice: (message: string) => void;
}

/**
 * One log as one process knows it. Reading never writes; only `saveCheckpoint` does, and only under the log's lock.
 * One caller at a time.
 */
export class LogView {
  readonly #options: LogViewOptions;
  #covered: Covered | undefined;
  #boundary: { day: DayTally; ofRuns: number; runs: BoundaryDay } | undefined;
  #rebuilds = 0;

  constructor(options: LogViewOptions) {
    this.#options = options;
  }

  /** Forgets everything: the log is read again, from its checkpoint on where there is one. */
  reset(): void {
    this.#covered = undefined;
    this.#boundary = undefined;
  }

  /** Reads what has been added to the open log. A run older than the cutoff (ms) counts as expired. */
  async catchUp(fd: number, cutoff: number): Promise<void> {
    try {
      await this.#catchUp(fd, cutoff);
    } catch (error) {
      // What was covered halfway is no ground to go on from.
      this.reset();
      if (!isLostIndex(error)) throw error;
      await this.#catchUpAfresh(fd, cutoff);
    }
  }

  /** Another process has swept our index files: its checkpoint took their place. Without one, all is read again. */
  async #catchUpAfresh(fd: number, cutoff: number): Promise<void> {
    try {
      await this.#catchUp(fd, cutoff);
    } catch (error) {
      this.reset();
      if (!isLostIndex(error)) throw error;
      await this.rebuild(fd, cutoff);
    }
  }

  /** Reads the whole log again, believing no checkpoint. */
  async rebuild(fd: number, cutoff: number): Promise<void> {
    this.#covered = this.#nothing(statusOf(this.#options.fileSystem, fd).identity);
    this.#boundary = undefined;
    await this.#catchUp(fd, cutoff);
  }

  async #catchUp(fd: number, cutoff: number): Promise<void> {
    const { fileSystem, files } = this.#options;
    const { identity, size } = statusOf(fileSystem, fd);
    const covered = this.#known(fd, identity, size, cutoff) ?? this.#restored(fd, identity, size, cutoff);
    this.#covered = covered;
    if (size === covered.offset) return;
    const noticeable = size - covered.offset > NOTICEABLE_BYTES;
    if (noticeable) this.#options.onNotice(`reading ${Math.round(size / 1e6)} MB of ${files.log} to rebuild its index`);
    await forEachLine(fileSystem, fd, { from: covered.offset, to: size }, (bytes, start) => {
      this.#add(covered, fd, bytes, start, cutoff);
      covered.offset = start + bytes.length + 1;
    });
    covered.anchor = readAnchor(fileSystem, fd, covered.offset);
    if (noticeable) this.#options.onNotice(`the index of ${files.log} is there again`);
  }

  /** What this process has covered, if the open file still is the one that it read. */
  #known(fd: number, log: FileIdentity, size: number, cutoff: number): Covered | undefined {
    const known = this.#covered;
    if (known === undefined || !isStillValid(known, { log, size, cutoff })) return undefined;
    return readAnchor(this.#options.fileSystem, fd, known.offset) === known.anchor ? known : undefined;
  }

  #restored(fd: number, log: FileIdentity, size: number, cutoff: number): Covered {
    const { fileSystem, files } = this.#options;
    this.#boundary = undefined;
    const checkpoint = loadCheckpoint(fileSystem, files.index);
    if (checkpoint === undefined || readAnchor(fileSystem, fd, checkpoint.covered) !== checkpoint.anchor) {
      return this.#nothing(log);
    }
    const restored = fromCheckpoint(fileSystem, files.index, checkpoint);
    return isStillValid(restored, { log, size, cutoff }) ? restored : this.#nothing(log);
  }

  #nothing(log: FileIdentity): Covered {
    this.#rebuilds += 1;
    return nothingCovered(this.#options.fileSystem, this.#options.files.index, log);
  }

  #add(covered: Covered, fd: number, bytes: Buffer, start: number, cutoff: number): void {
    const { executions, damage } = decodeLine(bytes);
    if (damage !== undefined) this.#noteDamage(covered, damage, start);
    for (let number = 0; number < executions.length; number += 1) {
      const run = executions[number] as Execution;
      if (hasExpired(run.at, cutoff)) {
        covered.expiredRuns += 1;
        covered.expiredCutoff = Math.max(covered.expiredCutoff, cutoff);
        continue;
      }
      const names = identified(run, number === 0 ? noRuns : executions.slice(0, number));
      if (isRepeat({ fileSystem: this.#options.fileSystem, fd, index: covered.index, cutoff }, names)) {
        covered.repeats.add(`${start}:${number}`);
      } else {
        addToHistory(covered.history, run, start);
        for (const hash of names.hashes) covered.index.add(hash, start);
      }
    }
  }

  /** Counts a line in which something was lost, and names the first ones: who runs the server should hear of them. */
  #noteDamage(covered: Covered, damage: Damage, start: number): void {
    if (!damage.lost) return;
    covered.damagedLines += 1;
    if (covered.damagedLines > NAMED_LINES) return;
    const further = covered.damagedLines === NAMED_LINES ? "; further ones are only counted" : "";
    this.#options.onNotice(
      `set aside: the line at byte ${start} of ${this.#options.files.log}: ${damage.reason}${further}`,
    );
  }

  /** The first live run with an identity, or `undefined`. The view has caught up. */
  find(fd: number, identity: string, cutoff: number): Execution | undefined {
    return this.locate(fd, identity, cutoff)?.execution;
  }

  /** The same with its place; without a cutoff also a run that has expired since it was read. */
  locate(fd: number, identity: string, cutoff = Number.NEGATIVE_INFINITY): Located | undefined {
    return findFirst({ fileSystem: this.#options.fileSystem, fd, index: this.#caughtUp().index, cutoff }, identity);
  }

  /**
   * Asks something that looks into the index. Another process may have swept away index files since they were opened:
   * then it is asked once more, with the files that are there now.
   */
  async ask<T>(fd: number, cutoff: number, question: () => T | Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (!isLostIndex(error)) throw error;
      this.reset();
      await this.catchUp(fd, cutoff);
      return question();
    }
  }

  /** How far the log has been read. */
  get mark(): Mark {
    const { log, offset, anchor } = this.#caughtUp();
    return { file: log, offset, anchor };
  }

  /** How often the log has been read from its start: what was told from places in it may not hold any more. */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  get damagedLines(): number {
    return this.#caughtUp().damagedLines;
  }

  /** Runs that repeat an earlier one and so do not count, as `<offset of the line>:<number in the line>`. */
  get repeats(): ReadonlySet<string> {
    return this.#caughtUp().repeats;
  }

  /** The log's runs by age; of the day that the cutoff cuts through, one is counted as expired. */
  countByAge(cutoff: number): { sizeBytes: number; expiredRuns: number; liveRuns: number } {
    const { offset, expiredRuns, history } = this.#caughtUp();
    const counts = { sizeBytes: offset, expiredRuns, liveRuns: history.total.runs };
    for (const day of history.days.values()) {
      const expired = hasExpired(day.latestAt, cutoff) ? day.runs : hasExpired(day.earliestAt, cutoff) ? 1 : 0;
      counts.expiredRuns += expired;
      counts.liveRuns -= expired;
    }
    return counts;
  }

  /** Whether a run stands behind the last newline, where it is not covered yet. */
  hasRunInTail(fd: number): boolean {
    const { fileSystem } = this.#options;
    const { offset } = this.#caughtUp();
    const { size } = statusOf(fileSystem, fd);
    return size > offset && decodeLine(readRange(fileSystem, fd, offset, size)).executions.length > 0;
  }

  /** What is live in the log, with a last line that is whole but for its newline. */
  async live(fd: number, cutoff: number): Promise<HistoryView> {
    const view = await this.#viewWithTail(fd, cutoff);
    if (view !== undefined) return view;
    // So many of the last runs have expired that the windows have to be filled from further back.
    await this.rebuild(fd, cutoff);
    const filled = await this.#viewWithTail(fd, cutoff);
    if (filled === undefined) throw new Error("a history that was just read has its windows");
    return filled;
  }

  async #viewWithTail(fd: number, cutoff: number): Promise<HistoryView | undefined> {
    const { fileSystem } = this.#options;
    const covered = this.#caughtUp();
    const { size } = statusOf(fileSystem, fd);
    if (size === covered.offset) return viewHistory(covered.history, cutoff, (day) => this.#countDay(fd, day, cutoff));
    const tail = decodeLine(readRange(fileSystem, fd, covered.offset, size));
    const pending = tail.executions.filter(
      (run, number) =>
        !hasExpired(run.at, cutoff) &&
        !isRepeat({ fileSystem, fd, index: covered.index, cutoff }, identified(run, tail.executions.slice(0, number))),
    );
    // The next writer may still be at it, so what stands behind the last newline is added to a copy only.
    const history = pending.length === 0 ? covered.history : structuredClone(covered.history);
    for (const run of pending) addToHistory(history, run, covered.offset);
    return viewHistory(history, cutoff, (day) => this.#countDay(fd, day, cutoff));
  }

  async #countDay(fd: number, day: DayTally, cutoff: number): Promise<Tally> {
    // A run that was added to the day since makes it another one.
    if (this.#boundary?.day !== day || this.#boundary.ofRuns !== day.runs) {
      const runs = await readBoundaryDay(this.#options.fileSystem, fd, day, this.repeats);
      this.#boundary = { day, ofRuns: day.runs, runs };
    }
    return this.#boundary.runs.liveAt(cutoff);
  }

  /** Whether so much was added since the last checkpoint that a new one is due. */
  get isCheckpointDue(): boolean {
    const { index, offset, checkpointed } = this.#caughtUp();
    return index.recentEntries >= CHECKPOINT_ENTRIES || offset - checkpointed >= CHECKPOINT_BYTES;
  }

  /** Writes what was learnt beside the log. The caller holds the lock, and has made the folder. */
  saveCheckpoint(fd: number, cutoff: number): void {
    const { fileSystem, files } = this.#options;
    const covered = this.#caughtUp();
    const onDisk = this.#restored(fd, covered.log, covered.offset, cutoff);
    // Another process may have saved a later one since: its segments are built on, and ours go.
    if (onDisk.offset === 0 && covered.index.segmentNames.length > 0)
      throw new DamagedSegment("the checkpoint is gone");
    covered.index = covered.index.flushed(onDisk.offset, onDisk.index);
    saveCheckpoint(fileSystem, files.index, toCheckpoint(covered));
    covered.checkpointed = covered.offset;
  }

  #caughtUp(): Covered {
    if (this.#covered === undefined) throw new Error("catchUp comes before any question");
    return this.#covered;
  }
}

function isLostIndex(error: unknown): boolean {
  return error instanceof DamagedSegment || hasErrno(error, "ENOENT");
}
