import { setImmediate as nextTurn } from "node:timers/promises";
import { type Execution, idIdentity } from "../../domain/execution.ts";
import type { Appended, NewRun, Overview, Pruned, Repaired } from "../store.ts";
import type { Decision } from "./batch.ts";
import { READ, statusOf, withFileAsync } from "./file-system.ts";
import type { HeldLock, Locks } from "./lock.ts";
import { LogView } from "./log-view.ts";
import { LogWriter, type LogWriterOptions } from "./log-writer.ts";
import type { Snapshot } from "./scan.ts";
import { Turns } from "./turns.ts";

/** How many calls may share one lock, one write and one flush. */
const LARGEST_BATCH = 512;

export interface AgentLogOptions extends LogWriterOptions {
  readonly locks: Locks;
  /** Makes sure that the agent's folder is there, and is safe to write to. */
  readonly prepareFolder: () => Promise<void>;
}

interface Waiting {
  readonly run: NewRun;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** One agent's log within this process: whose turn it is, and who waits to append. */
export class AgentLog {
  readonly #options: AgentLogOptions;
  readonly #turns = new Turns();
  readonly #view: LogView;
  readonly #writer: LogWriter;
  #waiting: Waiting[] = [];

  constructor(options: AgentLogOptions) {
    this.#options = options;
    this.#view = new LogView(options);
    this.#writer = new LogWriter(options, this.#view);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the run is on disk. Calls that wait at the same time are written together. */
  append(run: NewRun): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve, reject });
      if (this.#waiting.length === 1) void this.#turns.take(() => this.#commitWaiting());
    });
  }

  /** What is live in the log, which has to be there. */
  overview(): Promise<Overview> {
    return this.#read(async (fd, cutoff) => ({
      view: await this.#view.live(fd, cutoff),
      damagedLines: this.#view.damagedLines,
    }));
  }

  find(id: string): Promise<Execution | undefined> {
    return this.#read(async (fd, cutoff) => this.#view.find(fd, idIdentity(id), cutoff));
  }

  prune(): Promise<Pruned> {
    return this.#turns.take(() => this.#locked((lock) => this.#writer.prune(lock)));
  }

  repair(): Promise<Repaired> {
    return this.#turns.take(() => this.#locked((lock) => this.#writer.repair(lock)));
  }

  /** Reads the log as it stands now, while others may already append to it again. */
  withSnapshot<T>(use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const cutoff = this.#options.cutoff();
      const repeats = await this.#turns.take(async () => {
        await this.#view.catchUp(fd, cutoff);
        return new Set(this.#view.repeats);
      });
      return use({ fileSystem, fd, size: statusOf(fileSystem, fd).size, repeats, cutoff });
    });
  }

  #read<T>(use: (fd: number, cutoff: number) => Promise<T>): Promise<T> {
    const { fileSystem, files } = this.#options;
    return this.#turns.take(() =>
      withFileAsync(fileSystem, files.log, READ, async (fd) => {
        const cutoff = this.#options.cutoff();
        await this.#view.catchUp(fd, cutoff);
        return use(fd, cutoff);
      }),
    );
  }

  async #commitWaiting(): Promise<void> {
    // Whoever calls in this turn of the event loop comes along.
    await nextTurn();
    const batch = this.#waiting.splice(0, LARGEST_BATCH);
    if (this.#waiting.length > 0) void this.#turns.take(() => this.#commitWaiting());
    try {
      const runs = batch.map((waiting) => waiting.run);
      const { decisions, overview } = await this.#locked((lock) => this.#writer.append(runs, lock));
      for (const [index, waiting] of batch.entries()) settle(waiting, decisions[index], overview);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  async #locked<T>(work: (lock: HeldLock) => Promise<T>): Promise<T> {
    await this.#options.prepareFolder();
    const lock = await this.#options.locks.acquire(this.#options.agent);
    try {
      this.#writer.begin();
      return await work(lock);
    } finally {
      lock.release();
    }
  }
}

function settle(waiting: Waiting, decision: Decision | undefined, overview: Overview): void {
  if (decision === undefined) waiting.reject(new Error("every run of a batch is decided about"));
  else if (decision.kind === "refused") waiting.reject(decision.error);
  else {
    const { execution } = decision;
    waiting.resolve({ execution, duplicate: decision.kind === "duplicate", overview });
  }
}
