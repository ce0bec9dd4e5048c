import type { RetentionDays } from "../../../domain/run/retention.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";
import { DamagedSegment } from "../key-index/segment.ts";
import { saveCheckpoint } from "./checkpoint.ts";
import { type Covered, nothingCovered, restoreCovered, toCheckpoint } from "./covered.ts";

/** So much of the log may be uncovered by the checkpoint before a new one is written: what a start has to read. */
const CHECKPOINT_ENTRIES = 1024;
const CHECKPOINT_BYTES = 512 * 1024;

/** Whether so much was added since the last checkpoint that a new one is due. */
export function isSavingDue({ checkpointed, index, offset }: Covered): boolean {
  return index.recentEntries >= CHECKPOINT_ENTRIES || offset - checkpointed >= CHECKPOINT_BYTES;
}

/**
 * Writes what was learnt beside the open log. The caller holds the lock, and has made the folder. Fails with
 * `DamagedSegment` where the checkpoint that it goes on from is gone.
 */
export function saveCovered(
  fileSystem: FileSystem,
  indexFolder: string,
  fd: number,
  covered: Covered,
  retentionDays: RetentionDays,
  key?: SnapshotKey,
): void {
  const now = { log: covered.log, size: covered.offset, retentionDays };
  const onDisk =
    restoreCovered(fileSystem, indexFolder, fd, now, key) ?? nothingCovered(fileSystem, indexFolder, covered.log);
  // Another process may have saved a later one since: its segments are built on, and ours go.
  if (onDisk.offset === 0 && covered.index.segmentNames.length > 0) throw new DamagedSegment("the checkpoint is gone");
  covered.index = covered.index.flushed(onDisk.offset, onDisk.index);
  saveCheckpoint(fileSystem, indexFolder, toCheckpoint(covered, retentionDays), key);
  covered.checkpointed = covered.offset;
}
