import { quarantineOf } from "../../../adr004/catalogue.ts";
import { decodeLine } from "../../../adr004/run-line.ts";
import type { OnDone, Pruned } from "../../store.ts";
import { statusAt } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { endLastLine } from "../journal/append.ts";
import { readLineAt } from "../journal/lines.ts";
import type { LockedFiles } from "../journal/locked-files.ts";
import { moveToQuarantine } from "../journal/quarantine.ts";
import { type Rewrite, rewriteLog } from "../journal/rewrite.ts";
import { lineStart } from "../key-index/run-position.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { duePruning } from "../projection/maintain.ts";
import { hasLeft, judgeLine } from "../projection/retention-policy.ts";
import type { LogView } from "../run-view/log-view.ts";
import { runLine } from "../run-view/run-fold.ts";
import type { DerivedFiles } from "./derived-files.ts";
import { type LineOrder, orderLines, readInOrder } from "./line-order.ts";

/** How long, in ms, after a failure expired runs are left where they are. */
const RETRY_MS = 600_000;

interface HowToPrune {
  /** An earlier cutoff (ms) than that of now. */
  readonly earlier?: number;
  readonly onProgress?: OnDone | undefined;
}

/** Lines moved to the quarantine, and lines that were split or cleaned so that every reader understands them. */
export interface Repaired {
  readonly quarantined: number;
  readonly mended: number;
}

/**
 * All that puts another file in the place of one agent's log: pruning, sorting, repair. Every method is called under the
 * agent's lock, but `order`.
 */
export class LogUpkeep {
  readonly #options: AgentContext;
  readonly #lockedFiles: LockedFiles;
  readonly #view: LogView;
  readonly #derived: DerivedFiles;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AgentContext, lockedFiles: LockedFiles, view: LogView, derived: DerivedFiles) {
    this.#options = options;
    this.#lockedFiles = lockedFiles;
    this.#view = view;
    this.#derived = derived;
  }

  /** The cutoff (ms) at which runs should be taken out now, if any; `before` is where the runs of this call begin. */
  async dueCutoff(fd: number, before: number, cutoff: number): Promise<number | undefined> {
    const { fileSystem } = this.#options;
    const now = this.#options.now();
    // A disk that is full does not get emptier by writing a large log to it again and again.
    if (Math.abs(now - this.#failedAt) < RETRY_MS) return undefined;
    try {
      return await duePruning({ fileSystem, fd, end: before }, { cutoff, now }, (at) => this.#view.countByAge(at));
    } catch (error) {
      // The runs are on disk: that the log cannot be read back is for its next reader.
      this.#notice("what has expired could not be told from", error);
      return undefined;
    }
  }

  async prune(lock: HeldLock, { earlier, onProgress }: HowToPrune = {}): Promise<Pruned> {
    const cutoff = earlier ?? this.#options.cutoff();
    const before = await this.#derived.refresh();
    // Duplicates are not counted by age.
    const isNeeded = this.#view.countByAge(cutoff).expiredRuns > 0 || this.#view.duplicates.size > 0;
    if (!isNeeded) return { removed: 0, kept: before.view.tally.runs };
    const removed = await this.#dropExpired(lock, cutoff, onProgress);
    const { view } = await this.#derived.refresh();
    return { removed, kept: view.tally.runs };
  }

  /** Prunes after an append that is acknowledged: that it fails is no reason to fail. */
  async pruneIfPossible(lock: HeldLock, cutoff: number): Promise<void> {
    try {
      await this.prune(lock, { earlier: cutoff });
    } catch (error) {
      this.#failedAt = this.#options.now();
      this.#notice("expired runs could not be taken out of", error);
    }
  }

  /**
   * Takes out the runs that had expired at a cutoff (ms). One pass: what is kept is taken in on its way into the new file.
   * Gives how many left.
   */
  async #dropExpired(lock: HeldLock, cutoff: number, onProgress?: OnDone): Promise<number> {
    const { fileSystem, files } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return 0;
    let removed = 0;
    const repeated = await this.#repeatedByKept(cutoff);
    const kept = this.#view.writing();
    const isReplaced = await this.#rewrite(lock, {
      decide: (bytes, start) => {
        const line = decodeLine(bytes);
        if (hasLeft(line, cutoff) && !repeated.has(start)) {
          removed += line.executions.length;
          return "drop";
        }
        kept.add(runLine(line.executions, line.damage), bytes.length + 1);
        return "keep";
      },
      onWritten: (fd) => kept.flushed(fileSystem, fd, { fd }),
      isNeeded: () => removed > 0,
      onProgress,
    });
    if (isReplaced) this.#view.adopt(kept);
    return removed;
  }

  /**
   * Where lines begin that stay for the sake of another: it repeats a run of theirs, and has not left itself. Without
   * them it would count, and be repeated by runs that count now.
   */
  #repeatedByKept(cutoff: number): Promise<ReadonlySet<number>> {
    const { fileSystem } = this.#options;
    return this.#view.reading((fd) => {
      const repeated = new Set<number>();
      // The last first: a line that stays for a later one may itself repeat an earlier one.
      for (const [position, original] of [...this.#view.duplicatesIn(fd)].reverse()) {
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
    const { fileSystem, files } = this.#options;
    endLastLine(fileSystem, files.log);
    const order = await this.order();
    if (order.sorted === undefined) return false;
    await this.#rewrite(lock, { decide: () => "keep", inOrder: (fd, add) => readInOrder(fileSystem, fd, order, add) });
    await this.#derived.refresh();
    return true;
  }

  /** The order in which the lines should stand. Takes no lock. */
  order(): Promise<LineOrder> {
    const cutoff = this.#options.cutoff();
    return this.#view.reading((fd) => orderLines(this.#view.snapshot(fd, cutoff)));
  }

  /** Moves what cannot be read to the quarantine, and gives every record that can be read a line of its own. */
  async repair(lock: HeldLock, onProgress?: OnDone): Promise<Repaired> {
    const { fileSystem, files } = this.#options;
    const { log: path } = files;
    const quarantine = quarantineOf(path);
    const repaired = await this.#lockedFiles.replacing(() =>
      moveToQuarantine({ fileSystem, path, quarantine, judge: judgeLine, lock, onProgress }),
    );
    await this.#derived.refresh();
    return repaired;
  }

  #rewrite(
    lock: HeldLock,
    how: Pick<Rewrite, "decide" | "inOrder" | "onWritten" | "isNeeded" | "onProgress">,
  ): Promise<boolean> {
    const { fileSystem, files } = this.#options;
    return this.#lockedFiles.replacing(() => rewriteLog({ fileSystem, log: files.log, lock, ...how }));
  }

  #notice(what: string, error: unknown): void {
    this.#options.onNotice(`${what} ${this.#options.files.log}: ${reasonOf(error)}`);
  }
}
