import { emptyHistory, type History } from "../../../domain/figures/history.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { FileIdentity, FileSystem } from "../files/file-system.ts";
import { encodeAnchor, readAnchor } from "../journal/fingerprint.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";
import { KeyIndex } from "../key-index/key-index.ts";
import { type Checkpoint, loadCheckpoint } from "./checkpoint.ts";
import { agreesWithLog } from "./sample.ts";

/**
 * What a log says, as far as it was read: it only ever reads what has been added since. All of it follows from the bytes
 * and the retention, so that a process that goes on and one that starts know the same, whenever either has read.
 */
export interface Covered {
  readonly log: FileIdentity;
  offset: number;
  anchor: Buffer;
  /** Up to where no newline was found behind the offset. */
  searched: number;
  readonly history: History;
  damagedLines: number;
  /** Runs that repeat an earlier one, by their `runPosition`, and where the line of that one begins. */
  readonly duplicates: Map<string, number>;
  index: KeyIndex;
  /** Where the checkpoint on disk ends, as far as this process knows. */
  checkpointed: number;
}

/** Whether something was learnt from this very file, which has only grown. */
export function isStillValid(covered: Covered, now: { log: FileIdentity; size: number }): boolean {
  return covered.log === now.log && covered.offset <= now.size;
}

export function nothingCovered(fileSystem: FileSystem, indexFolder: string, log: FileIdentity): Covered {
  return {
    log,
    offset: 0,
    anchor: Buffer.alloc(0),
    searched: 0,
    history: emptyHistory(),
    damagedLines: 0,
    duplicates: new Map(),
    index: new KeyIndex(fileSystem, indexFolder),
    checkpointed: 0,
  };
}

/** What the checkpoint beside an open log says, where there is one that still holds. */
export function restoreCovered(
  fileSystem: FileSystem,
  indexFolder: string,
  fd: number,
  now: { log: FileIdentity; size: number; retentionDays: RetentionDays },
  key?: SnapshotKey,
): Covered | undefined {
  const checkpoint = loadCheckpoint(fileSystem, indexFolder, key);
  // By another retention other runs are duplicates.
  if (checkpoint === undefined || checkpoint.retentionDays !== now.retentionDays) return undefined;
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
    duplicates: new Map(checkpoint.duplicates),
    index: KeyIndex.open(fileSystem, indexFolder, checkpoint.segments),
    checkpointed: checkpoint.covered,
  };
}

/** What of it goes into a checkpoint. */
export function toCheckpoint(covered: Covered, retentionDays: RetentionDays): Checkpoint {
  return {
    retentionDays,
    log: covered.log,
    covered: covered.offset,
    anchor: encodeAnchor(covered.anchor),
    damagedLines: covered.damagedLines,
    duplicates: [...covered.duplicates],
    segments: covered.index.segmentNames,
    history: covered.history,
  };
}
