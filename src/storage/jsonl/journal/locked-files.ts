import { type FileIdentity, type FileSystem, statusAt } from "../files/file-system.ts";
import type { HeldLock, Locks } from "../lock/lock.ts";
import { finishDrains } from "./late-appends.ts";

export interface LockedFilesOptions {
  readonly fileSystem: FileSystem;
  readonly locks: Locks;
  /** The name of the lock. */
  readonly name: string;
  /** The files of lines, all in one folder, first the one that is rewritten most. */
  readonly paths: readonly string[];
  readonly now: () => number;
  /** Makes sure that the folder is there, and is safe to write to. */
  readonly prepareFolder: () => Promise<void> | void;
}

/** The files of lines of one folder, which are written to under one lock. */
export class LockedFiles {
  readonly #options: LockedFilesOptions;
  /** Whether a rewrite, by any process, may have left an old file that late lines have to be carried over from. */
  #mayHaveDrains = true;
  #seen: FileIdentity | undefined;

  constructor(options: LockedFilesOptions) {
    this.#options = options;
  }

  /** Does something under the lock, once what a killed writer has left is set right. `meanwhile` is for while it waits. */
  async locked<T>(work: (lock: HeldLock) => T | Promise<T>, meanwhile?: () => Promise<void>): Promise<T> {
    const { locks, name, prepareFolder } = this.#options;
    await prepareFolder();
    const begin = (lock: HeldLock) => {
      // Another file in the place of the one that we know may mean that another process has rewritten it.
      if (this.#mayHaveDrains || this.#identity() !== this.#seen) this.#finishDrains();
      return work(lock);
    };
    return locks.under(name, begin, meanwhile);
  }

  /** Puts another file in the place of one, under the lock: the old one is left to late writers for a while. */
  async replacing<T>(work: () => Promise<T>): Promise<T> {
    this.#mayHaveDrains = true;
    const result = await work();
    this.#finishDrains();
    return result;
  }

  #finishDrains(): void {
    const { fileSystem, now, paths } = this.#options;
    this.#mayHaveDrains = finishDrains(fileSystem, paths, now());
    this.#seen = this.#identity();
  }

  #identity(): FileIdentity | undefined {
    const [path] = this.#options.paths;
    return path === undefined ? undefined : statusAt(this.#options.fileSystem, path)?.identity;
  }
}
