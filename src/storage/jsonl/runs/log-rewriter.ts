import { quarantineOf } from "../../../adr004/catalogue.ts";
import { decodeLine } from "../../../adr004/run-line.ts";
import type { OnDone } from "../../store.ts";
import { READ, statusAt, withFileAsync } from "../files/file-system.ts";
import { linesOf } from "../files/layout.ts";
import { endLastLine } from "../journal/append.ts";
import { finishDrains } from "../journal/late-appends.ts";
import { type LineOrder, orderLines } from "../journal/line-order.ts";
import { readLineAt } from "../journal/lines.ts";
import { moveToQuarantine } from "../journal/quarantine.ts";
import { hasLeft, judgeLine } from "../journal/retention-policy.ts";
import { type Rewrite, rewriteLog } from "../journal/rewrite.ts";
import { lineStart } from "../journal/run-position.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { LogOptions } from "./log-options.ts";
import type { LogView } from "./log-view.ts";
import { WrittenLog } from "./written-log.ts";

/** Whatever puts another file in the place of one agent's log. Under the agent's lock, but for what is said to need none. */
export class LogRewriter {
  readonly #options: LogOptions;
  readonly #view: LogView;
  /** Whether a rewrite, by whomever, may have left an old file that late lines have to be carried over from. */
  #mayHaveDrains = true;
  #lastLog: string | undefined;

  constructor(options: LogOptions, view: LogView) {
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
      this.#mayHaveDrains = finishDrains(fileSystem, linesOf(files), now());
    }
    this.#lastLog = log;
  }

  /**
   * Takes out the runs that had expired at a cutoff (ms). One pass: what is kept is taken in on its way into the new file.
   * Gives how many left.
   */
  async dropExpired(lock: HeldLock, cutoff: number, onProgress?: OnDone): Promise<number> {
    const { fileSystem, files } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return 0;
    let removed = 0;
    const repeated = await this.#repeatedByKept(cutoff);
    const kept = new WrittenLog({ ...this.#options, path: files.log, indexFolder: files.index });
    const isReplaced = await this.#rewrite(lock, {
      fateOf: (bytes, start) => {
        const line = decodeLine(bytes);
        if (hasLeft(line, cutoff) && !repeated.has(start)) {
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

  /**
   * Where lines begin that stay for the sake of another: it repeats a run of theirs, and has not left itself. Without
   * them it would count, and be repeated by runs that count now.
   */
  async #repeatedByKept(cutoff: number): Promise<ReadonlySet<number>> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      await this.#view.catchUp(fd);
      const repeated = new Set<number>();
      // The last first: a line that stays for a later one may itself repeat an earlier one.
      for (const [position, original] of [...this.#view.duplicates].reverse()) {
        const start = lineStart(position);
        const hasGone = !repeated.has(start) && hasLeft(decodeLine(readLineAt(fileSystem, fd, start)), cutoff);
        if (!hasGone) repeated.add(original);
      }
      return repeated;
    });
  }

  /** Puts the lines in the order of time, every byte of them. Gives whether any moved. */
  async sortByTime(lock: HeldLock): Promise<boolean> {
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
      await this.#view.catchUp(fd);
      return orderLines(await this.#view.ask(fd, () => this.#view.snapshot(fd, cutoff)));
    });
  }

  /** Moves what cannot be read to the quarantine, and gives every record that can be read a line of its own. */
  async repair(lock: HeldLock, onProgress?: OnDone): Promise<{ quarantined: number; mended: number }> {
    const { fileSystem, files } = this.#options;
    const { log: path } = files;
    const repaired = await this.#replacing(() =>
      moveToQuarantine({
        fileSystem,
        path,
        quarantine: quarantineOf(path),
        judge: judgeLine,
        beforeReplacing: () => lock.confirm(),
        onProgress,
      }),
    );
    // The verifications are repaired next: the next call looks for what that has left.
    this.#mayHaveDrains = true;
    return repaired;
  }

  async #rewrite(
    lock: HeldLock,
    how: Pick<Rewrite, "fateOf" | "order" | "onWritten" | "isNeeded" | "onProgress">,
  ): Promise<boolean> {
    const { fileSystem, files } = this.#options;
    const beforeReplacing = () => lock.confirm();
    return this.#replacing(() => rewriteLog({ fileSystem, log: files.log, beforeReplacing, ...how }));
  }

  /** Whatever puts another file in the place of the log leaves the old one to late writers for a while. */
  async #replacing<T>(work: () => Promise<T>): Promise<T> {
    const { fileSystem, files, now } = this.#options;
    this.#mayHaveDrains = true;
    const result = await work();
    this.#mayHaveDrains = finishDrains(fileSystem, linesOf(files), now());
    this.#lastLog = statusAt(fileSystem, files.log)?.identity;
    return result;
  }
}
