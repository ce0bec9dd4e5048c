import { MAX_LINE_BYTES } from "../../../adr004/run-line.ts";
import type { HistoryView } from "../../../domain/figures/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { OnNotice } from "../../notice.ts";
import { type FileIdentity, type FileStatus, type FileSystem, statusOf } from "../files/file-system.ts";
import { hasErrno } from "../files/fs-errors.ts";
import type { AgentFiles } from "../files/layout.ts";
import type { AppendedLines } from "../journal/append.ts";
import { encodeAnchor, type Fingerprint, readAnchor } from "../journal/fingerprint.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";
import { findFirst, type Located } from "../key-index/lookup.ts";
import { DamagedSegment } from "../key-index/segment.ts";
import { coverAppended, coverRest } from "./cover.ts";
import { type Covered, isStillValid, nothingCovered, restoreCovered } from "./covered.ts";
import { countByAge, LiveHistory } from "./live-history.ts";
import { isSavingDue, saveCovered } from "./save-covered.ts";
import type { Snapshot } from "./scan.ts";
import { Tail } from "./tail.ts";

export interface LogViewOptions {
  readonly fileSystem: FileSystem;
  readonly files: AgentFiles;
  readonly onNotice: OnNotice;
  readonly snapshotKey?: SnapshotKey | undefined;
}

/**
 * One log as one process knows it. Reading never writes; only `saveCheckpoint` does, and only under the log's lock.
 * One caller at a time.
 */
export class LogView {
  readonly #options: LogViewOptions;
  readonly #tail: Tail;
  readonly #live: LiveHistory;
  #covered: Covered | undefined;
  /** The log's status when it was last read. */
  #seen: FileStatus | undefined;
  #rebuilds = 0;

  constructor(options: LogViewOptions) {
    this.#options = options;
    this.#tail = new Tail(options.fileSystem);
    this.#live = new LiveHistory(options.fileSystem, this.#tail);
  }

  /** Forgets everything: the log is read again, from its checkpoint on where there is one. */
  reset(): void {
    this.#covered = undefined;
    this.#live.forget();
  }

  /**
   * Reads what has been added to the open log. A run older than the cutoff (ms) counts as expired. What was `appended`
   * under the lock need not be read back where nothing else came.
   */
  async catchUp(fd: number, cutoff: number, appended?: AppendedLines): Promise<void> {
    try {
      await this.#catchUp(fd, cutoff, appended);
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
    this.#live.forget();
    try {
      await this.#catchUp(fd, cutoff);
    } catch (error) {
      // Half of it would be gone on from, and taken in twice.
      this.reset();
      throw error;
    }
  }

  /** Goes on from what somebody else has taken in of a log that took the place of the one before. */
  adopt(covered: Covered): void {
    this.#covered = covered;
    this.#live.forget();
    this.#rebuilds += 1;
  }

  async #catchUp(fd: number, cutoff: number, appended?: AppendedLines): Promise<void> {
    const { fileSystem, files, onNotice } = this.#options;
    const status = statusOf(fileSystem, fd);
    const { identity, size } = status;
    const covered = this.#known(fd, identity, size, cutoff) ?? this.#restored(fd, identity, size, cutoff);
    this.#covered = covered;
    this.#seen = status;
    const log = { fileSystem, fd, path: files.log, cutoff, onNotice };
    const isAllThatCame = appended?.start === covered.offset && appended.start + appended.bytes.length === size;
    if (isAllThatCame) coverAppended(covered, log, appended.bytes);
    else await coverRest(covered, log, size);
  }

  /** What this process has covered, if the open file still is the one that it read. */
  #known(fd: number, log: FileIdentity, size: number, cutoff: number): Covered | undefined {
    const known = this.#covered;
    if (known === undefined || !isStillValid(known, { log, size, cutoff })) return undefined;
    return readAnchor(this.#options.fileSystem, fd, known.offset).equals(known.anchor) ? known : undefined;
  }

  #restored(fd: number, log: FileIdentity, size: number, cutoff: number): Covered {
    const { fileSystem, files, snapshotKey } = this.#options;
    this.#live.forget();
    return restoreCovered(fileSystem, files.index, fd, { log, size, cutoff }, snapshotKey) ?? this.#nothing(log);
  }

  #nothing(log: FileIdentity): Covered {
    this.#rebuilds += 1;
    return nothingCovered(this.#options.fileSystem, this.#options.files.index, log);
  }

  /** The first live run with an identity, or `undefined`. The view has caught up. */
  find(fd: number, identity: string, cutoff: number): Execution | undefined {
    return this.locate(fd, identity, cutoff)?.execution;
  }

  /** The same with its place; without a cutoff also a run that has expired since it was read. */
  locate(fd: number, identity: string, cutoff = Number.NEGATIVE_INFINITY): Located | undefined {
    const { index, repeats } = this.#caughtUp();
    return findFirst({ fileSystem: this.#options.fileSystem, fd, index, repeats, cutoff }, identity);
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
  get offset(): number {
    return this.#caughtUp().offset;
  }

  /** The same, to be known again by. */
  get fingerprint(): Fingerprint {
    const { log, offset, anchor } = this.#caughtUp();
    return { file: log, offset, anchor: encodeAnchor(anchor) };
  }

  /** How often the log was taken in from its start: what was told from places in it may not hold any more. */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  get damagedLines(): number {
    return this.#caughtUp().damagedLines;
  }

  /** The log's runs by age, as far as they are known. */
  countByAge(cutoff: number): { sizeBytes: number; expiredRuns: number; liveRuns: number } {
    return countByAge(this.#caughtUp(), cutoff);
  }

  /** Whether a run stands behind the last newline, where it is not covered yet. */
  hasRunInTail(fd: number): boolean {
    return this.#tail.runs(this.#caughtUp(), fd, this.#lastSeen()).length > 0;
  }

  /** The log as it stood when it was last read, for who reads it itself. */
  snapshot(fd: number, cutoff: number): Snapshot {
    const { fileSystem } = this.#options;
    const covered = this.#caughtUp();
    const seen = this.#lastSeen();
    // What stands behind the last newline may be too long for a line.
    const size = seen.size - covered.offset > MAX_LINE_BYTES ? covered.offset : seen.size;
    return { fileSystem, fd, size, repeats: this.#live.repeats(covered, fd, seen, cutoff), cutoff };
  }

  /** What is live in the log, with a last line that is whole but for its newline. */
  async live(fd: number, cutoff: number): Promise<HistoryView> {
    const view = await this.#live.view(this.#caughtUp(), fd, this.#lastSeen(), cutoff);
    if (view !== undefined) return view;
    await this.rebuild(fd, cutoff);
    const filled = await this.#live.view(this.#caughtUp(), fd, this.#lastSeen(), cutoff);
    if (filled === undefined) throw new Error("a history that was just read has its windows");
    return filled;
  }

  /** Whether so much was added since the last checkpoint that a new one is due. */
  get isCheckpointDue(): boolean {
    return isSavingDue(this.#caughtUp());
  }

  /** Writes what was learnt beside the log. The caller holds the lock, and has made the folder. */
  saveCheckpoint(fd: number, cutoff: number): void {
    const { fileSystem, files, snapshotKey } = this.#options;
    saveCovered(fileSystem, files.index, fd, this.#caughtUp(), cutoff, snapshotKey);
  }

  #caughtUp(): Covered {
    return caughtUp(this.#covered);
  }

  #lastSeen(): FileStatus {
    return caughtUp(this.#seen);
  }
}

function caughtUp<T>(known: T | undefined): T {
  if (known === undefined) throw new Error("catchUp comes before any question");
  return known;
}

function isLostIndex(error: unknown): boolean {
  return error instanceof DamagedSegment || hasErrno(error, "ENOENT");
}
