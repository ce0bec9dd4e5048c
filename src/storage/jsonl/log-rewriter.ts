import type { OnBytes } from "../store.ts";
import { appendLines, endLastLine } from "./append.ts";
import { decodeLine } from "./codec.ts";
import { finishDrains } from "./drain.ts";
import { hasLeft, repairFate } from "./fates.ts";
import { READ, statusAt, statusOf, withFileAsync } from "./file-system.ts";
import { HandOver } from "./hand-over.ts";
import { type LineOrder, orderLines } from "./line-order.ts";
import { forEachLine } from "./lines.ts";
import type { HeldLock } from "./lock.ts";
import type { LogView } from "./log-view.ts";
import type { LogWriterOptions } from "./log-writer.ts";
import { type Rewrite, rewriteLog } from "./rewrite.ts";
import { WrittenLog } from "./written-log.ts";

/** Whatever puts another file in the place of one agent's log. Under the agent's lock, but for what is said to need none. */
export class LogRewriter {
  readonly #options: LogWriterOptions;
  readonly #view: LogView;
  /** Whether a rewrite, by whomever, may have left an old file that late lines have to be carried over from. */
  #mayHaveDrains = true;
  #lastLog: string | undefined;

  constructor(options: LogWriterOptions, view: LogView) {
    this.#options = options;
    this.#view = view;
  }

  /** Whether there was a log when the lock was taken. */
  get hasLog(): boolean {
    return this.#lastLog !== undefined;
  }

  /** Sets right what a killed rewrite has left. Comes before any other method, each time the lock has been taken. */
  begin(): void {
    const { fileSystem, files, now } = this.#options;
    // Another file in the place of the log that we know may mean that somebody has rewritten it.
    const log = statusAt(fileSystem, files.log)?.identity;
    if (this.#mayHaveDrains || log !== this.#lastLog) {
      this.#mayHaveDrains = finishDrains(fileSystem, files.log, now());
    }
    this.#lastLog = log;
  }

  /**
   * Takes out the runs that had expired at a cutoff (ms). One pass: what is kept is taken in on its way into the new file.
   * Gives how many left.
   */
  async dropExpired(lock: HeldLock, cutoff: number, onProgress?: OnBytes): Promise<number> {
    const { fileSystem, files, onNotice } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return 0;
    let removed = 0;
    // What is taken out for good is one thing; what counts as expired, and so is repeated by no later run, another.
    const now = this.#options.cutoff();
    const kept = new WrittenLog({ fileSystem, path: files.log, indexFolder: files.index, cutoff: now, onNotice });
    const isReplaced = await this.#rewrite(lock, {
      fateOf: (bytes) => {
        const line = decodeLine(bytes);
        if (hasLeft(line, cutoff)) {
          removed += line.executions.length;
          return "drop";
        }
        kept.add(line, bytes.length + 1);
        return "keep";
      },
      onWritten: (fd) => kept.cover(fd),
      isNeeded: () => removed > 0,
      onProgress,
    });
    if (isReplaced && kept.covered !== undefined) this.#view.adopt(kept.covered);
    return removed;
  }

  /** Puts the lines in the order of time, every byte of them. Gives whether any moved. */
  async arrange(lock: HeldLock): Promise<boolean> {
    // What comes behind a line without its newline would be glued to it.
    endLastLine(this.#options.fileSystem, this.#options.files.log);
    const order = await this.order();
    if (order.sorted === undefined) return false;
    return this.#rewrite(lock, { fateOf: () => "keep", order });
  }

  /** The order in which the lines should stand. Takes no lock. */
  async order(): Promise<LineOrder> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const cutoff = this.#options.cutoff();
      await this.#view.catchUp(fd, cutoff);
      return orderLines({ fileSystem, fd, cutoff, repeats: this.#view.repeats });
    });
  }

  /** Moves what cannot be read to the quarantine, and gives every record that can be read a line of its own. */
  async repair(lock: HeldLock, onProgress?: OnBytes): Promise<{ quarantined: number; mended: number }> {
    const { fileSystem, files } = this.#options;
    let quarantined = 0;
    let mended = 0;
    // Under the lock nobody is still at a last line without its newline: it was torn by a crash.
    endLastLine(fileSystem, files.log);
    // First into the quarantine, then out of the log: a crash in between leaves them in both, and loses nothing.
    const quarantine = new HandOver((lines) => appendLines(fileSystem, files.quarantine, lines));
    // Read once, and once more where there is anything to do.
    await this.#scan((bytes, start, size) => {
      onProgress?.(start + bytes.length, 2 * size);
      if (decodeLine(bytes).damage?.lost) {
        quarantine.add(bytes);
        quarantined += 1;
      } else if (repairFate(bytes) !== "keep") mended += 1;
    });
    quarantine.end();
    const onRewritten = (done: number, total: number) => onProgress?.(total + done, 2 * total);
    if (quarantined > 0 || mended > 0) await this.#rewrite(lock, { fateOf: repairFate, onProgress: onRewritten });
    return { quarantined, mended };
  }

  async #rewrite(
    lock: HeldLock,
    how: Pick<Rewrite, "fateOf" | "order" | "onWritten" | "isNeeded" | "onProgress">,
  ): Promise<boolean> {
    const { fileSystem, files, now } = this.#options;
    this.#mayHaveDrains = true;
    const beforeReplacing = () => lock.confirm();
    const isReplaced = await rewriteLog({ fileSystem, log: files.log, beforeReplacing, ...how });
    this.#mayHaveDrains = finishDrains(fileSystem, files.log, now());
    this.#lastLog = statusAt(fileSystem, files.log)?.identity;
    return isReplaced;
  }

  async #scan(useLine: (bytes: Buffer, start: number, size: number) => void): Promise<void> {
    const { fileSystem, files } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return;
    await withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const { size } = statusOf(fileSystem, fd);
      await forEachLine(fileSystem, fd, { from: 0, to: size }, (bytes, start) => useLine(bytes, start, size));
    });
  }
}
