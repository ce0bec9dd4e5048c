import type { OnDone, Pruned } from "../../store.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { isPruningDue } from "../journal/retention-policy.ts";
import { supportedCutoff } from "../journal/supported-cutoff.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { DerivedFiles } from "./derived-files.ts";
import type { LogOptions } from "./log-options.ts";
import type { LogRewriter } from "./log-rewriter.ts";
import type { LogView } from "./log-view.ts";

/** How long, in ms, after a failure expired runs are left where they are. */
const RETRY_MS = 600_000;

interface HowToPrune {
  /** An earlier cutoff (ms) than that of now. */
  readonly earlier?: number;
  readonly onProgress?: OnDone | undefined;
}

/** Takes expired runs out of one agent's log. Every method is called under the agent's lock. */
export class LogPruner {
  readonly #options: LogOptions;
  readonly #view: LogView;
  readonly #rewriter: LogRewriter;
  readonly #derived: DerivedFiles;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LogOptions, view: LogView, rewriter: LogRewriter, derived: DerivedFiles) {
    this.#options = options;
    this.#view = view;
    this.#rewriter = rewriter;
    this.#derived = derived;
  }

  /** The cutoff (ms) at which runs should be taken out now, if any; `before` is where the runs of this call begin. */
  async dueCutoff(fd: number, before: number, cutoff: number): Promise<number | undefined> {
    if (!isPruningDue(this.#view.countByAge(cutoff))) return undefined;
    const now = this.#options.now();
    // A disk that is full does not get emptier by writing a large log to it again and again.
    if (Math.abs(now - this.#failedAt) < RETRY_MS) return undefined;
    try {
      const supported = await supportedCutoff(this.#options.fileSystem, fd, before, { cutoff, now });
      return isPruningDue(this.#view.countByAge(supported)) ? supported : undefined;
    } catch (error) {
      // The runs are on disk: that the log cannot be read back is for whoever reads it next.
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
    const removed = await this.#rewriter.dropExpired(lock, cutoff, onProgress);
    const { view } = await this.#derived.refresh();
    return { removed, kept: view.tally.runs };
  }

  /** The same after an append that is acknowledged: that it fails is no reason to fail. */
  async pruneIfPossible(lock: HeldLock, cutoff: number): Promise<void> {
    try {
      await this.prune(lock, { earlier: cutoff });
    } catch (error) {
      this.#failedAt = this.#options.now();
      this.#notice("expired runs could not be taken out of", error);
    }
  }

  #notice(what: string, error: unknown): void {
    this.#options.onNotice(`${what} ${this.#options.files.log}: ${reasonOf(error)}`);
  }
}
