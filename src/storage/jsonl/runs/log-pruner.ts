import type { OnBytes, Pruned } from "../../store.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { duePruning } from "../journal/maintain.ts";
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
  readonly onProgress?: OnBytes | undefined;
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
    // One moment for reading and for judging: of a run that was found expired at a later one nothing says when it did.
    const now = this.#options.cutoff();
    const cutoff = earlier ?? now;
    const before = await this.#derived.refresh(now);
    if (this.#view.countByAge(cutoff).expiredRuns === 0) return { removed: 0, kept: before.view.tally.runs };
    const removed = await this.#rewriter.dropExpired(lock, cutoff, onProgress);
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

  #notice(what: string, error: unknown): void {
    this.#options.onNotice(`${what} ${this.#options.files.log}: ${reasonOf(error)}`);
  }
}
