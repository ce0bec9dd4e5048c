import type { OnNotice } from "../../notice.ts";
import type { RetentionClock } from "../../shared/pruning.ts";
import { type FileSystem, statusAt } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import type { AgentFiles, Layout } from "../files/layout.ts";
import type { LockedFiles } from "../journal/locked-files.ts";
import { rewriteLog } from "../journal/rewrite.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { Projection } from "./projection.ts";
import { type CountByAge, isPruningDue } from "./retention-policy.ts";
import { supportedCutoffIn, type WitnessesIn } from "./supported-cutoff.ts";

/** A file of lines beside the log, and what is to be known to look after it. */
export interface Maintained {
  readonly path: string;
  readonly projection: Pick<Projection<unknown, unknown>, "isSnapshotDue" | "saveSnapshot">;
  /** Reads on. */
  readonly catchUp: () => Promise<unknown>;
  /** The cutoff (ms) at which expired lines should leave now, if any. */
  readonly pruneTo: () => Promise<number | undefined>;
  readonly isExpired: (line: Buffer, cutoff: number) => boolean;
}

interface MaintainOptions {
  readonly fileSystem: FileSystem;
  readonly files: AgentFiles;
  readonly layout: Layout;
  readonly lockedFiles: LockedFiles;
  readonly onNotice: OnNotice;
}

/**
 * Takes expired lines out of a file, and writes a new snapshot, if either is due. The caller holds the lock. What was
 * acknowledged is on disk by now: that this fails is no reason to fail.
 */
export async function maintain(options: MaintainOptions, file: Maintained, lock: HeldLock): Promise<void> {
  const { fileSystem, files, layout, lockedFiles, onNotice } = options;
  try {
    if (statusAt(fileSystem, file.path) === undefined) return;
    await file.catchUp();
    const cutoff = await file.pruneTo();
    if (cutoff !== undefined) {
      const decide = (line: Buffer) => (file.isExpired(line, cutoff) ? "drop" : "keep");
      await lockedFiles.replacing(() => rewriteLog({ fileSystem, log: file.path, lock, decide }));
      await file.catchUp();
    }
    if (!file.projection.isSnapshotDue) return;
    layout.makeFolder(files.index);
    file.projection.saveSnapshot();
  } catch (error) {
    onNotice(`${file.path} is written, but could not be looked after: ${reasonOf(error)}`);
  }
}

/**
 * The cutoff (ms) at which expired lines should leave a file, if any: as far as the last lines before `end` agree with the
 * clock. They stand in the open file of witnesses.
 */
export async function duePruning(
  witnesses: { fileSystem: FileSystem; fd: number; end: number; instantsIn?: WitnessesIn },
  clock: RetentionClock,
  countAt: (cutoff: number) => CountByAge,
): Promise<number | undefined> {
  if (!isPruningDue(countAt(clock.cutoff))) return undefined;
  const { end, fd, fileSystem, instantsIn } = witnesses;
  const supported = await supportedCutoffIn(fileSystem, fd, end, clock, instantsIn);
  return isPruningDue(countAt(supported)) ? supported : undefined;
}
