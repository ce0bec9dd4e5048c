import { emptyHistory, type History } from "../../../domain/figures/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { FileIdentity, FileSystem } from "../files/file-system.ts";
import { encodeAnchor, readAnchor } from "../journal/fingerprint.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";
import { KeyIndex } from "../key-index/key-index.ts";
import { type Checkpoint, loadCheckpoint } from "./checkpoint.ts";
import { agreesWithLog } from "./sample.ts";

/** What a log says, as far as it was read: it only ever reads what has been added since. */
export interface Covered {
  readonly log: FileIdentity;
  offset: number;
  anchor: Buffer;
  /** Up to where no newline was found behind the offset. */
  searched: number;
  readonly history: History;
  damagedLines: number;
  /** Runs that repeat an earlier one, named by `runPosition`. */
  readonly repeats: Set<string>;
  /** Those of them that live longer than the run that they repeat, and so count one day. */
  readonly outliving: Outliving[];
  expiredRuns: number;
  /** The latest cutoff (ms) that a run had fallen to when it was read; what it would be asked for must not lie before. */
  expiredCutoff: number;
  index: KeyIndex;
  /** Where the checkpoint on disk ends, as far as this process knows. */
  checkpointed: number;
}

/** The instants (ms) of a run that counts and of one that repeats it; `null` for a run that never expires. */
type Outliving = readonly [counted: number, repeat: number | null];

/** Takes in a run that repeats one that counts. */
export function noteDuplicate(covered: Covered, place: string, both: { run: Execution; repeats: Execution }): void {
  covered.repeats.add(place);
  const { at: counted } = both.repeats;
  const { at: repeat } = both.run;
  const isOutliving = counted !== undefined && (repeat === undefined || repeat > counted);
  if (isOutliving) covered.outliving.push([counted, repeat ?? null]);
}

/**
 * Whether something was learnt from this very file, which has only grown, and holds everything that a cutoff leaves: also
 * the runs that did not count as long as those lived that they repeat.
 */
export function isStillValid(covered: Covered, now: { log: FileIdentity; size: number; cutoff: number }): boolean {
  const isOutlived = ([counted, repeat]: Outliving) =>
    hasExpired(counted, now.cutoff) && !hasExpired(repeat ?? undefined, now.cutoff);
  return (
    covered.log === now.log &&
    covered.offset <= now.size &&
    covered.expiredCutoff <= now.cutoff &&
    !covered.outliving.some(isOutlived)
  );
}

export function nothingCovered(fileSystem: FileSystem, indexFolder: string, log: FileIdentity): Covered {
  return {
    log,
    offset: 0,
    anchor: Buffer.alloc(0),
    searched: 0,
    history: emptyHistory(),
    damagedLines: 0,
    repeats: new Set(),
    outliving: [],
    expiredRuns: 0,
    expiredCutoff: Number.NEGATIVE_INFINITY,
    index: new KeyIndex(fileSystem, indexFolder),
    checkpointed: 0,
  };
}

/** What the checkpoint beside an open log says, where there is one that still holds. */
export function restoreCovered(
  fileSystem: FileSystem,
  indexFolder: string,
  fd: number,
  now: { log: FileIdentity; size: number; cutoff: number },
  key?: SnapshotKey,
): Covered | undefined {
  const checkpoint = loadCheckpoint(fileSystem, indexFolder, key);
  if (checkpoint === undefined) return undefined;
  const anchor = readAnchor(fileSystem, fd, checkpoint.covered);
  if (encodeAnchor(anchor) !== checkpoint.anchor) return undefined;
  if (checkpoint.covered > now.size || !agreesWithLog(fileSystem, fd, checkpoint)) return undefined;
  const restored = fromCheckpoint(fileSystem, indexFolder, checkpoint, anchor);
  return isStillValid(restored, now) ? restored : undefined;
}

function fromCheckpoint(fileSystem: FileSystem, indexFolder: string, checkpoint: Checkpoint, anchor: Buffer): Covered {
  return {
    log: checkpoint.log,
    offset: checkpoint.covered,
    anchor,
    searched: 0,
    history: checkpoint.history,
    damagedLines: checkpoint.damagedLines,
    repeats: new Set(checkpoint.repeats),
    outliving: [...checkpoint.outliving],
    expiredRuns: checkpoint.expired.runs,
    expiredCutoff: checkpoint.expired.cutoff ?? Number.NEGATIVE_INFINITY,
    index: KeyIndex.open(fileSystem, indexFolder, checkpoint.segments),
    checkpointed: checkpoint.covered,
  };
}

/** What of it goes into a checkpoint. */
export function toCheckpoint(covered: Covered): Checkpoint {
  return {
    log: covered.log,
    covered: covered.offset,
    anchor: encodeAnchor(covered.anchor),
    damagedLines: covered.damagedLines,
    repeats: [...covered.repeats],
    outliving: covered.outliving,
    expired: {
      runs: covered.expiredRuns,
      cutoff: Number.isFinite(covered.expiredCutoff) ? covered.expiredCutoff : null,
    },
    segments: covered.index.segmentNames,
    history: covered.history,
  };
}
