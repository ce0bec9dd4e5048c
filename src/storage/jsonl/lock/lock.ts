import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KaizenError } from "../../../errors.ts";
import { CREATE, type FileSystem, removeFile, UPDATE, withFile, writeAll } from "../files/file-system.ts";
import { hasErrno, isWithoutLinks } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";
import { Lease } from "./lease.ts";
import { type Attempt, type LockStep, type StepAnswer, tryToAcquire } from "./lock-protocol.ts";
import { encodeOwner, isAlive } from "./owner.ts";
import { OwnerFile, readOwner, type SeenOwner } from "./owner-file.ts";

/** How long, in ms, to wait for a lock that a living process holds. */
export const DEFAULT_LOCK_TIMEOUT_MS = 10_000;
/** The first pause, in ms, is about as long as an append takes. */
const FIRST_PAUSE_MS = 1;
/**
 * Each pause may be twice as long as the one before, up to this. Whoever waits takes processor time from whoever holds the
 * lock, so under lasting load it is better to let one process do many appends than to change hands after each.
 */
const LONGEST_PAUSE_MS = 64;
/** A holder that lived a moment ago, in ms, is not looked up again: that costs more than all else in an attempt. */
const ALIVE_FOR_MS = 20;

export interface LockOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly timeoutMs: number;
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
 */
export class Locks {
  readonly #options: LockOptions;
  readonly #ownerFile: OwnerFile;
  /** Locks that could not be taken away when they were released: they are still ours to take. */
  readonly #unreleased = new Set<string>();
  #lastAlive = { nonce: "", at: 0 };

  constructor(options: LockOptions) {
    this.#options = options;
    this.#ownerFile = new OwnerFile(options.fileSystem, options.layout);
  }

  /**
   * Waits for the lock. Fails with `LOCK_TIMEOUT`, naming the holder, when a living process keeps it too long.
   * `meanwhile` is called after each pause: what it does then need not be done under the lock.
   */
  async acquire(name: string, meanwhile: () => Promise<void> = async () => {}): Promise<HeldLock> {
    const lock = join(this.#options.layout.locks, `${name}.lock`);
    const deadline = performance.now() + this.#options.timeoutMs;
    for (let attempts = 1; ; attempts += 1) {
      const isOurs = this.#unreleased.delete(lock) && this.#ownerFile.holds(lock);
      const attempt: Attempt<SeenOwner> = isOurs ? { outcome: "acquired" } : this.#attempt(lock);
      if (attempt.outcome === "acquired") return this.#held(lock);
      if (performance.now() > deadline) throw timeout(name, this.#options.timeoutMs, attempt);
      // Jitter, so that those who wait do not come back together.
      await delay(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts));
      await meanwhile();
    }
  }

  /** Takes the owner file of this process away. A later `acquire` makes a new one. */
  close(): void {
    for (const lock of this.#unreleased) if (this.#ownerFile.holds(lock)) removeFile(this.#options.fileSystem, lock);
    this.#unreleased.clear();
    this.#ownerFile.remove();
  }

  #attempt(lock: string): Attempt<SeenOwner> {
    const procedure = tryToAcquire<SeenOwner>(lock);
    let next = procedure.next();
    while (next.done !== true) next = procedure.next(this.#carryOut(next.value));
    return next.value;
  }

  #carryOut(step: LockStep<SeenOwner>): StepAnswer<SeenOwner> {
    const { fileSystem } = this.#options;
    if (step.do === "link") return this.#link(step.name);
    if (step.do === "read") return readOwner(fileSystem, step.name);
    if (step.do === "isAlive") return this.#isAlive(step.holder);
    if (step.do === "rename") fileSystem.renameSync(step.name, step.to);
    else removeFile(fileSystem, step.name);
    return undefined;
  }

  #link(name: string): boolean {
    const { fileSystem } = this.#options;
    const ownerFile = this.#ownerFile.path();
    try {
      fileSystem.linkSync(ownerFile, name);
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return false;
      if (hasErrno(error, "ENOENT")) {
        // Somebody has cleared the folder under us. The next attempt starts afresh.
        this.#ownerFile.forget();
        return false;
      }
      if (isWithoutLinks(error)) return this.#createExclusively(name);
      throw error;
    }
  }

  /** For file systems without hard links: the content follows a moment later, which `isAlive` allows for. */
  #createExclusively(name: string): boolean {
    const { fileSystem } = this.#options;
    const self = this.#ownerFile.self();
    try {
      withFile(fileSystem, name, CREATE, (fd) => writeAll(fileSystem, fd, encodeOwner(self)));
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return false;
      throw error;
    }
  }

  #isAlive(owner: SeenOwner): boolean {
    const now = performance.now();
    if (this.#lastAlive.nonce === owner.nonce && now - this.#lastAlive.at < ALIVE_FOR_MS) return true;
    const alive = isAlive(owner, owner.ageMs, this.#ownerFile.self());
    if (alive) this.#lastAlive = { nonce: owner.nonce, at: now };
    return alive;
  }

  #held(lock: string): HeldLock {
    const { fileSystem } = this.#options;
    const lease = new Lease(() => {
      if (!this.#ownerFile.holds(lock)) return false;
      const now = Date.now() / 1000;
      withFile(fileSystem, lock, UPDATE, (fd) => fileSystem.futimesSync(fd, now, now));
      return true;
    });
    return {
      release: () => {
        lease.end();
        try {
          if (lease.isCertain || this.#ownerFile.holds(lock)) removeFile(fileSystem, lock);
        } catch {
          // What was done under the lock is done. The next one to want it in this process has it already.
          this.#unreleased.add(lock);
        }
      },
      confirm: () => {
        if (!lease.isCertain && !lease.renew()) throw lostLock(lock);
      },
    };
  }
}

function timeout(name: string, timeoutMs: number, attempt: Attempt<SeenOwner>): KaizenError {
  const who =
    attempt.outcome === "busy" && attempt.holder.pid !== 0
      ? `process ${attempt.holder.pid} on ${attempt.holder.host}`
      : "another process";
  return new KaizenError(
    "LOCK_TIMEOUT",
    `${who} has held the lock of "${name}" for more than ${timeoutMs / 1000} s; nothing was written.`,
    { hint: "Try again. If it goes on, see what that process is doing, and end it if it hangs." },
  );
}

function lostLock(lock: string): KaizenError {
  return new KaizenError(
    "LOCK_TIMEOUT",
    `This process held ${lock} for so long without a sign of life that another took it; nothing was written.`,
    { hint: "Try again." },
  );
}
