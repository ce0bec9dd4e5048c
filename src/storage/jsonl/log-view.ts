import { type Execution, identitiesOf } from "../../domain/execution.ts";
import {
  addToHistory,
  type DayTally,
  emptyHistory,
  type History,
  type HistoryView,
  viewHistory,
} from "../../domain/history.ts";
import { hasExpired } from "../../domain/retention.ts";
import type { Tally } from "../../domain/summary.ts";
import { BoundaryDay } from "./boundary-day.ts";
import { type Checkpoint, loadCheckpoint, readAnchor, saveCheckpoint } from "./checkpoint.ts";
import { decodeLine } from "./codec.ts";
import { type FileIdentity, type FileSystem, hasErrno, readRange, statusOf } from "./file-system.ts";
import { hashText, type TextHash } from "./hash.ts";
import { KeyIndex } from "./key-index.ts";
import type { AgentFiles } from "./layout.ts";
import { forEachLine, readLineAt } from "./lines.ts";
import { DamagedSegment } from "./segment.ts";

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

/** What a log says, as far as it was read: it only ever reads what has been added since. */
interface Covered {
  readonly log: FileIdentity;
  offset: number;
  anchor: string;
  readonly history: History;
  damagedLines: number;
  /** Runs that repeat an earlier one, as `<offset of the line>:<number in the line>`. */
  readonly repeats: Set<string>;
  expiredRuns: number;
  /** The latest cutoff (ms) that a run had fallen to when it was read; what it would be asked for must not lie before. */
  expiredCutoff: number;
  index: KeyIndex;
  /** Where the checkpoint on disk ends, as far as this process knows. */
  checkpointed: number;
}

/**
 * One log as one process knows it. Reading never writes; only `saveCheckpoint` does, and only under the log's lock.
 * One caller at a time.
 */
export class LogView {
  readonly #options: LogViewOptions;
  #covered: Covered | undefined;
  #boundary: { day: DayTally; runs: BoundaryDay } | undefined;

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
      await this.rebuild(fd, cutoff);
    }
  }

  /** Reads the whole log again, believing no checkpoint. */
  async rebuild(fd: number, cutoff: number): Promise<void> {
    this.#covered = nothingCovered(this.#options, statusOf(this.#options.fileSystem, fd).identity);
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
      return nothingCovered(this.#options, log);
    }
    const restored = fromCheckpoint(this.#options, checkpoint);
    return isStillValid(restored, { log, size, cutoff }) ? restored : nothingCovered(this.#options, log);
  }

  #add(covered: Covered, fd: number, bytes: Buffer, start: number, cutoff: number): void {
    const { executions, damage } = decodeLine(bytes);
    if (damage?.lost) covered.damagedLines += 1;
    for (let number = 0; number < executions.length; number += 1) {
      const run = executions[number] as Execution;
      if (hasExpired(run.at, cutoff)) {
        covered.expiredRuns += 1;
        covered.expiredCutoff = Math.max(covered.expiredCutoff, cutoff);
        continue;
      }
      const names = identified(run, executions.slice(0, number));
      if (this.#isRepeat(covered, fd, names, cutoff)) {
        covered.repeats.add(`${start}:${number}`);
      } else {
        addToHistory(covered.history, run, start);
        for (const hash of names.hashes) covered.index.add(hash, start);
      }
    }
  }

  #isRepeat(covered: Covered, fd: number, run: Identified, cutoff: number): boolean {
    return run.identities.some((identity, index) => {
      if (run.sameLine.some((earlier) => identitiesOf(earlier).includes(identity))) return true;
      const candidates = covered.index.candidates(run.hashes[index] as TextHash);
      return candidates.length > 0 && this.#firstAmong(candidates, fd, identity, cutoff) !== undefined;
    });
  }

  /** The first live run with an identity, or `undefined`. The view has caught up. */
  find(fd: number, identity: string, cutoff: number): Execution | undefined {
    const candidates = this.#caughtUp().index.candidates(hashText(identity));
    return this.#firstAmong(candidates, fd, identity, cutoff);
  }

  #firstAmong(places: number[], fd: number, identity: string, cutoff: number): Execution | undefined {
    for (const place of places.sort((a, b) => a - b)) {
      const { executions } = decodeLine(readLineAt(this.#options.fileSystem, fd, place));
      const found = executions.find((run) => identitiesOf(run).includes(identity) && !hasExpired(run.at, cutoff));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  get damagedLines(): number {
    return this.#caughtUp().damagedLines;
  }

  /** Runs that repeat an earlier one and so do not count, as `<offset of the line>:<number in the line>`. */
  get repeats(): ReadonlySet<string> {
    return this.#caughtUp().repeats;
  }

  /** Runs of the log by age; of the day that the cutoff cuts through, one is counted as expired. */
  countByAge(cutoff: number): { expiredRuns: number; liveRuns: number } {
    const { expiredRuns, history } = this.#caughtUp();
    const counts = { expiredRuns, liveRuns: history.total.runs };
    for (const day of history.days.values()) {
      const expired = hasExpired(day.latestAt, cutoff) ? day.runs : hasExpired(day.earliestAt, cutoff) ? 1 : 0;
      counts.expiredRuns += expired;
      counts.liveRuns -= expired;
    }
    return counts;
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
    const covered = this.#caughtUp();
    const { size } = statusOf(this.#options.fileSystem, fd);
    const tail = decodeLine(readRange(this.#options.fileSystem, fd, covered.offset, size));
    const pending = tail.executions.filter(
      (run, number) =>
        !hasExpired(run.at, cutoff) &&
        !this.#isRepeat(covered, fd, identified(run, tail.executions.slice(0, number)), cutoff),
    );
    // The next writer may still be at it, so what stands behind the last newline is added to a copy only.
    const history = pending.length === 0 ? covered.history : structuredClone(covered.history);
    for (const run of pending) addToHistory(history, run, covered.offset);
    return viewHistory(history, cutoff, (day) => this.#countDay(fd, day, cutoff));
  }

  async #countDay(fd: number, day: DayTally, cutoff: number): Promise<Tally> {
    if (this.#boundary?.day !== day) {
      const { fileSystem } = this.#options;
      const executions: Execution[] = [];
      const end = statusOf(fileSystem, fd).size;
      const to = Math.min(end, day.lastPlace + readLineAt(fileSystem, fd, day.lastPlace).length + 1);
      const useLine = (bytes: Buffer, start: number) => {
        for (const [number, run] of decodeLine(bytes).executions.entries()) {
          const isOfDay = run.at !== undefined && run.at >= day.earliestAt && run.at <= day.latestAt;
          if (isOfDay && !this.repeats.has(`${start}:${number}`)) executions.push(run);
        }
      };
      const rest = await forEachLine(fileSystem, fd, { from: day.firstPlace, to }, useLine);
      if (rest < to) useLine(readRange(fileSystem, fd, rest, to), rest);
      this.#boundary = { day, runs: new BoundaryDay(executions) };
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
    saveCheckpoint(fileSystem, files.index, {
      log: covered.log,
      covered: covered.offset,
      anchor: covered.anchor,
      damagedLines: covered.damagedLines,
      repeats: [...covered.repeats],
      expired: {
        runs: covered.expiredRuns,
        cutoff: Number.isFinite(covered.expiredCutoff) ? covered.expiredCutoff : null,
      },
      segments: covered.index.segmentNames,
      history: covered.history,
    });
    covered.checkpointed = covered.offset;
  }

  #caughtUp(): Covered {
    if (this.#covered === undefined) throw new Error("catchUp comes before any question");
    return this.#covered;
  }
}

/** What a run may be known by, and the runs that stand before it on its line. */
interface Identified {
  readonly identities: readonly string[];
  readonly hashes: readonly TextHash[];
  readonly sameLine: readonly Execution[];
}

function identified(run: Execution, sameLine: readonly Execution[]): Identified {
  const identities = identitiesOf(run);
  return { identities, hashes: identities.map(hashText), sameLine };
}

/** Whether something was learnt from this very file, which has only grown, and holds everything that a cutoff leaves. */
function isStillValid(covered: Covered, now: { log: FileIdentity; size: number; cutoff: number }): boolean {
  return covered.log === now.log && covered.offset <= now.size && covered.expiredCutoff <= now.cutoff;
}

function nothingCovered(options: LogViewOptions, log: FileIdentity): Covered {
  return {
    log,
    offset: 0,
    anchor: "",
    history: emptyHistory(),
    damagedLines: 0,
    repeats: new Set(),
    expiredRuns: 0,
    expiredCutoff: Number.NEGATIVE_INFINITY,
    index: new KeyIndex(options.fileSystem, options.files.index),
    checkpointed: 0,
  };
}

function fromCheckpoint(options: LogViewOptions, checkpoint: Checkpoint): Covered {
  return {
    log: checkpoint.log,
    offset: checkpoint.covered,
    anchor: checkpoint.anchor,
    history: checkpoint.history,
    damagedLines: checkpoint.damagedLines,
    repeats: new Set(checkpoint.repeats),
    expiredRuns: checkpoint.expired.runs,
    expiredCutoff: checkpoint.expired.cutoff ?? Number.NEGATIVE_INFINITY,
    index: KeyIndex.open(options.fileSystem, options.files.index, checkpoint.segments),
    checkpointed: checkpoint.covered,
  };
}

function isLostIndex(error: unknown): boolean {
  return error instanceof DamagedSegment || hasErrno(error, "ENOENT");
}
