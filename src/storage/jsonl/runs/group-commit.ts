import { setImmediate as nextTurn } from "node:timers/promises";
import type { Appended, NewRun } from "../../store.ts";
import type { Mutex } from "../lock/mutex.ts";
import type { Decision } from "./batch.ts";

/** How many calls may share one lock, one write and one flush. */
const LARGEST_BATCH = 512;

/** What became of runs that were written together, in their order, and what is live after them. */
export interface Committed extends Pick<Appended, "overview" | "summary"> {
  readonly decisions: readonly Decision[];
}

interface Waiting {
  readonly run: NewRun;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends to one log that wait at the same time are written together: one turn, one lock, one write and one flush. */
export class GroupCommit {
  readonly #turns: Mutex;
  readonly #commit: (runs: readonly NewRun[]) => Promise<Committed>;
  #waiting: Waiting[] = [];

  constructor(turns: Mutex, commit: (runs: readonly NewRun[]) => Promise<Committed>) {
    this.#turns = turns;
    this.#commit = commit;
  }

  /** Resolves when the run is on disk. */
  append(run: NewRun): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject });
      if (this.#waiting.length === 1) void this.#turns.take(() => this.#commitWaiting());
    });
  }

  async #commitWaiting(): Promise<void> {
    // Calls that come in this turn of the event loop come along.
    await nextTurn();
    const batch = this.#waiting.splice(0, LARGEST_BATCH);
    if (this.#waiting.length > 0) void this.#turns.take(() => this.#commitWaiting());
    try {
      const committed = await this.#commit(batch.map((waiting) => waiting.run));
      for (const [index, waiting] of batch.entries()) settle(waiting, committed.decisions[index], committed);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}

function settle(waiting: Waiting, decision: Decision | undefined, { overview, summary }: Committed): void {
  if (decision === undefined) waiting.reject(new Error("every run of a batch is decided about"));
  else if (decision.kind === "refused") waiting.reject(decision.error);
  else {
    const { execution } = decision;
    waiting.resolve({ execution, duplicate: decision.kind === "duplicate", overview, summary });
  }
}
