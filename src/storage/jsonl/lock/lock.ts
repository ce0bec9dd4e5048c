import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KaizenError, NOTHING_WRITTEN } from "../../../errors.ts";
import { type FileSystem, removeFile } from "../files/file-system.ts";
import type { Layout } from "../files/layout.ts";
import { Lease, type Moment, momentNow } from "./lease.ts";
import { type Attempt, giveBack, renew, tryToAcquire } from "./lock-protocol.ts";
import { LockSteps } from "./lock-steps.ts";
import type { Owner } from "./owner.ts";
import { OwnerFile, type SeenOwner } from "./owner-file.ts";

/** How long, in ms, to wait for a lock that a living process holds. */
export const DEFAULT_LOCK_TIMEOUT_MS = 10_000;
/** The first pause, in ms, is about as long as an append takes. */
const FIRST_PAUSE_MS = 1;
/**
 * Each pause, in ms, may be twice as long as the one before, up to this. A waiting process takes processor time from
 * the holder. So under lasting load it is better to let one process do many appends than to change hands after each.
 */
const LONGEST_PAUSE_MS = 64;
/** How long, in ms, until a lock that could not be taken away is tried again. */
const RETRY_MS = 1_000;

export interface LockOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly timeoutMs: number;
  /** Called once the folder of the locks is there, before the first lock of this process is taken. */
  readonly onFirstUse?: (() => void) | undefined;
}

/** A lock that is held. For as long as its holder's event loop turns, it says so to those who cannot see whether it lives. */
export interface HeldLock {
  release(): void;
  /**
   * Comes before what only the holder may do. After a sleep of the machine a holder cannot know, without looking, whether
   * its lock still is its own: where it is another's, fails with `LOCK_TIMEOUT`.
   */
  confirm(): void;
}

/**
 * The locks of this process: one owner file for all of them. They exclude other processes only; turns within the
 * process are taken in front of them.
 *
 * Stands in for proper-lockfile, by which two processes may both take over the lock of a dead one.
 */
export class Locks {
  readonly #options: LockOptions;
  readonly #ownerFile: OwnerFile;
  readonly #steps: LockSteps;
  readonly #held = new Set<string>();
  /** Files that may be there in our name though we hold no lock by them, for a call has failed. */
  readonly #left = new Set<string>();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: LockOptions) {
    this.#options = options;
    this.#ownerFile = new OwnerFile(options.fileSystem, options.layout, options.onFirstUse);
    this.#steps = new LockSteps(options.fileSystem, this.#ownerFile);
  }

  /**
   * Waits for the lock. Fails with `LOCK_TIMEOUT`, naming the holder, when a living process keeps it too long.
   * `meanwhile` is called after each pause: what it does then need not be done under the lock.
   */
  async acquire(name: string, meanwhile: () => Promise<void> = async () => {}): Promise<HeldLock> {
    const lock = join(this.#options.layout.locks, `${name}.lock`);
    const deadline = performance.now() + this.#options.timeoutMs;
    for (let attempts = 1; ; attempts += 1) {
      const since = momentNow();
      const attempt = this.#attempt(lock);
      if (attempt.outcome === "acquired") return this.#hold(lock, since);
      if (performance.now() > deadline) throw timeout(name, this.#options.timeoutMs, attempt);
      // Jitter, so that those who wait do not come back together.
      await delay(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts));
      await meanwhile();
    }
  }

  /** Does something under the lock, and gives it back. */
  async under<T>(name: string, work: (lock: HeldLock) => T | Promise<T>, meanwhile?: () => Promise<void>): Promise<T> {
    const lock = await this.acquire(name, meanwhile);
    try {
      return await work(lock);
    } finally {
      lock.release();
    }
  }

  /** Takes the owner file of this process away. A later `acquire` makes a new one. */
  close(): void {
    this.#giveBack();
    this.#left.clear();
    clearTimeout(this.#retry);
    this.#ownerFile.remove();
  }

  #attempt(lock: string): Attempt<Owner> {
    if (this.#held.has(lock)) return { outcome: "busy", holder: this.#ownerFile.self() };
    const asked = new Set<string>();
    try {
      return this.#steps.run(tryToAcquire<SeenOwner>(lock), asked);
    } catch (error) {
      this.#giveBack(lock, ...asked);
      throw error;
    }
  }

  #hold(lock: string, since: Moment): HeldLock {
    this.#held.add(lock);
    const lease = new Lease(() => this.#steps.run(renew<SeenOwner>(lock)), since);
    return {
      release: () => {
        lease.end();
        this.#held.delete(lock);
        if (!lease.isCertain) return this.#giveBack(lock);
        try {
          removeFile(this.#options.fileSystem, lock);
        } catch {
          // What was done under the lock is done.
          this.#giveBack(lock);
        }
      },
      confirm: () => {
        if (!lease.isCertain && !lease.renew()) throw lostLock(lock);
      },
    };
  }

  /** Takes files away that are in our name for nothing, and tries again later where that fails: others wait for it. */
  #giveBack(...files: readonly string[]): void {
    for (const file of files) this.#left.add(file);
    for (const file of this.#left) {
      try {
        if (this.#held.has(file) || this.#steps.run(giveBack<SeenOwner>(file))) this.#left.delete(file);
      } catch {
        // It is still in the set.
      }
    }
    clearTimeout(this.#retry);
    if (this.#left.size > 0) this.#retry = setTimeout(() => this.#giveBack(), RETRY_MS).unref();
  }
}

function timeout(name: string, timeoutMs: number, attempt: Attempt<Owner>): KaizenError {
  const who =
    attempt.outcome === "busy" && attempt.holder.pid !== 0
      ? `process ${attempt.holder.pid} on ${attempt.holder.host}`
      : "another process";
  return new KaizenError(
    "LOCK_TIMEOUT",
    `${who} has held the lock of "${name}" for more than ${timeoutMs / 1000} s${NOTHING_WRITTEN}`,
    { hint: "Try again. If it goes on, see what that process is doing, and end it if it hangs." },
  );
}

function lostLock(lock: string): KaizenError {
  return new KaizenError(
    "LOCK_TIMEOUT",
    `This process held ${lock} for so long without a sign of life that another took it${NOTHING_WRITTEN}`,
    { hint: "Try again." },
  );
}
