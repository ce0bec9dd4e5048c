import { decodeLifecycleEvent, NO_LIFECYCLE_EVENT } from "../../../adr004/lifecycle-line.ts";
import { addLifecycleEvent } from "../../../domain/coverage/observed-runs.ts";
import type { OnNotice } from "../../notice.ts";
import { type FileSystem, READ, statusOf, withFileIfThere } from "../files/file-system.ts";
import type { AgentFiles } from "../files/layout.ts";
import { noteDamage } from "../journal/damage-notes.ts";
import { hasOnlyGrown, markAt } from "../journal/fingerprint.ts";
import { forEachLine } from "../journal/lines.ts";
import type { SnapshotKey } from "../journal/sealed-file.ts";
import { type CoveredLifecycle, loadLifecycle, nothingObserved, saveLifecycle } from "./lifecycle-checkpoint.ts";

/** So much may be added to the file before a new checkpoint is written: what every hook that starts has to read. */
const CHECKPOINT_BYTES = 64 * 1024;

export interface LifecycleViewOptions {
  readonly fileSystem: FileSystem;
  readonly files: AgentFiles;
  readonly onNotice: OnNotice;
  readonly snapshotKey?: SnapshotKey | undefined;
}

/** One agent's file of lifecycle events as one process knows it. Reading never writes. One caller at a time. */
export class LifecycleView {
  readonly #options: LifecycleViewOptions;
  #covered: CoveredLifecycle | undefined;

  constructor(options: LifecycleViewOptions) {
    this.#options = options;
  }

  /** What the file says up to its last whole line; `undefined` where there is no file. */
  async read(): Promise<CoveredLifecycle | undefined> {
    const { fileSystem, files } = this.#options;
    const known = this.#covered;
    this.#covered = undefined;
    await withFileIfThere(fileSystem, files.lifecycle, READ, async (fd) => {
      if (fd !== undefined) this.#covered = await this.#catchUp(fd, known);
    });
    return this.#covered;
  }

  async #catchUp(fd: number, known: CoveredLifecycle | undefined): Promise<CoveredLifecycle> {
    const { fileSystem, files, onNotice, snapshotKey } = this.#options;
    const path = files.lifecycle;
    const holds = (covered: CoveredLifecycle | undefined) =>
      covered !== undefined && hasOnlyGrown(fileSystem, fd, covered.mark) ? covered : undefined;
    const covered = holds(known) ?? holds(loadLifecycle(fileSystem, files.index, snapshotKey)) ?? nothingObserved();
    const { size } = statusOf(fileSystem, fd);
    const end = await forEachLine(fileSystem, fd, { from: covered.mark.offset, to: size }, (bytes, start) => {
      const event = decodeLifecycleEvent(bytes);
      if (event === undefined) noteDamage(covered, { path, start, reason: NO_LIFECYCLE_EVENT }, onNotice);
      else if (event !== "blank") addLifecycleEvent(covered.history, event);
    });
    if (end > covered.mark.offset || covered.mark.file === "") covered.mark = markAt(fileSystem, fd, end);
    return covered;
  }

  /** Whether so much was read since the last checkpoint that a new one is due. */
  get isCheckpointDue(): boolean {
    return this.#covered !== undefined && this.#covered.mark.offset - this.#covered.checkpointed >= CHECKPOINT_BYTES;
  }

  /** Writes what was learnt beside the log. The caller holds the lock, and has made the folder. */
  saveCheckpoint(): void {
    if (this.#covered === undefined) return;
    const { fileSystem, files, snapshotKey } = this.#options;
    saveLifecycle(fileSystem, files.index, this.#covered, snapshotKey);
    this.#covered.checkpointed = this.#covered.mark.offset;
  }
}
