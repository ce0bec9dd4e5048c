import { decodeLine } from "../../../adr004/run-line.ts";
import type { OnBytes } from "../../store.ts";
import { statusAt } from "../files/file-system.ts";
import { endLastLine } from "../journal/append.ts";
import type { LockedFiles } from "../journal/locked-files.ts";
import { moveToQuarantine } from "../journal/quarantine.ts";
import { hasLeft, judgeLine } from "../journal/retention-policy.ts";
import { type Rewrite, rewriteLog } from "../journal/rewrite.ts";
import type { HeldLock } from "../lock/lock.ts";
import { type LineOrder, orderLines, readInOrder } from "./line-order.ts";
import type { LogOptions } from "./log-options.ts";
import type { LogView } from "./log-view.ts";
import { runLine } from "./run-fold.ts";

/** Whatever puts another file in the place of one agent's log. Under the agent's lock, but for what is said to need none. */
export class LogRewriter {
  readonly #options: LogOptions;
  readonly #lockedFiles: LockedFiles;
  readonly #view: LogView;

  constructor(options: LogOptions, lockedFiles: LockedFiles, view: LogView) {
    this.#options = options;
    this.#lockedFiles = lockedFiles;
    this.#view = view;
  }

  /**
   * Takes out the runs that had expired at a cutoff (ms). One pass: what is kept is taken in on its way into the new file.
   * Gives how many left.
   */
  async dropExpired(lock: HeldLock, cutoff: number, onProgress?: OnBytes): Promise<number> {
    const { fileSystem, files } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return 0;
    let removed = 0;
    // What is taken out for good is one thing; what counts as expired, and so is repeated by no later run, another.
    const now = this.#options.cutoff();
    const kept = this.#view.writing();
    const isReplaced = await this.#rewrite(lock, {
      decide: (bytes) => {
        const line = decodeLine(bytes);
        if (hasLeft(line, cutoff)) {
          removed += line.executions.length;
          return "drop";
        }
        kept.add(runLine(line.executions, line.damage), bytes.length + 1);
        return "keep";
      },
      onWritten: (fd) => kept.flushed(fileSystem, fd, { fd, cutoff: now }),
      isNeeded: () => removed > 0,
      onProgress,
    });
    if (isReplaced) this.#view.adopt(kept);
    return removed;
  }

  /** Puts the lines in the order of time, every byte of them. Gives whether any moved. */
  async sortByTime(lock: HeldLock): Promise<boolean> {
    // What comes behind a line without its newline would be glued to it.
    const { fileSystem, files } = this.#options;
    endLastLine(fileSystem, files.log);
    const order = await this.order();
    if (order.sorted === undefined) return false;
    return this.#rewrite(lock, { decide: () => "keep", inOrder: (fd, add) => readInOrder(fileSystem, fd, order, add) });
  }

  /** The order in which the lines should stand. Takes no lock. */
  order(): Promise<LineOrder> {
    const cutoff = this.#options.cutoff();
    return this.#view.reading(cutoff, (fd) => orderLines(this.#view.snapshot(fd, cutoff)));
  }

  /** Moves what cannot be read to the quarantine, and gives every record that can be read a line of its own. */
  async repair(lock: HeldLock, onProgress?: OnBytes): Promise<{ quarantined: number; mended: number }> {
    const { fileSystem, files } = this.#options;
    const { log: path, quarantine } = files;
    return this.#lockedFiles.replacing(() =>
      moveToQuarantine({ fileSystem, path, quarantine, judge: judgeLine, lock, onProgress }),
    );
  }

  #rewrite(
    lock: HeldLock,
    how: Pick<Rewrite, "decide" | "inOrder" | "onWritten" | "isNeeded" | "onProgress">,
  ): Promise<boolean> {
    const { fileSystem, files } = this.#options;
    return this.#lockedFiles.replacing(() => rewriteLog({ fileSystem, log: files.log, lock, ...how }));
  }
}
