import { setImmediate as nextTurn } from "node:timers/promises";
import type { Appended, NewRun } from "../store.ts";
import type { Mutex } from "./mutex.ts";

/** From how many runs on further calls wait for the next lock, write and flush. */
const LARGEST_BATCH = 512;

interface Waiting {
  readonly runs: readonly NewRun[];
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends to one log that wait at the same time are written together: one turn, one lock, one write and one flush. */
export class GroupCommit {
  readonly #turns: Mutex;
  readonly #commit: (runs: readonly NewRun[]) => Promise<Appended>;
  #waiting: Waiting[] = [];

  constructor(turns: Mutex, commit: (runs: readonly NewRun[]) => Promise<Appended>) {
    this.#turns = turns;
    this.#commit = commit;
  }

  /** Resolves when the runs are on disk. Those of one call are written together, however many they are. */
  append(runs: readonly NewRun[]): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ runs, resolve, reject });
      if (this.#waiting.length === 1) void this.#turns.take(() => this.#commitWaiting());
    });
  }

  async #commitWaiting(): Promise<void> {
    // Calls that come in this turn of the event loop come along.
    await nextTurn();
    const batch = this.#nextBatch();
    if (this.#waiting.length > 0) void this.#turns.take(() => this.#commitWaiting());
    try {
      const { results, ...after } = await this.#commit(batch.flatMap(({ runs }) => runs));
      let from = 0;
      for (const { runs, resolve } of batch) {
        resolve({ results: results.slice(from, from + runs.length), ...after });
        from += runs.length;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #nextBatch(): Waiting[] {
    let count = 0;
    const last = this.#waiting.findIndex(({ runs }) => {
      count += runs.length;
      return count >= LARGEST_BATCH;
    });
    return this.#waiting.splice(0, last < 0 ? this.#waiting.length : last + 1);
  }
}
