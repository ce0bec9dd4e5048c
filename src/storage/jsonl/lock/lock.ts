import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { KaizenError } from "../../../errors.ts";
import {
  CREATE,
  type FileSystem,
  READ,
  readRange,
  removeFile,
  statusOf,
  withFile,
  writeAll,
} from "../files/file-system.ts";
import { hasErrno, isWithoutLinks } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";
import { Lease } from "./lease.ts";
import { type Attempt, type LockStep, type StepAnswer, tryToAcquire } from "./lock-protocol.ts";
import { decodeOwner, describeThisProcess, encodeOwner, isAlive, type Owner } from "./owner.ts";

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

/** An owner, and the time since its file was made, linked or refreshed. */
type SeenOwner = Owner & { readonly ageMs: number };

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
  #self: Owner | undefined;
  /** Locks that could not be taken away when they were released: they are still ours to take. */
  readonly #unreleased = new Set<string>();
  #lastAlive = { nonce: "", at: 0 };

  constructor(options: LockOptions) {
    this.#options = options;
  }

  /**
   * Waits for the lock. Fails with `LOCK_TIMEOUT`, naming the holder, when a living process keeps it too long.
   * `meanwhile` is called after each pause: what it does then need not be done under the lock.
   */
  async acquire(name: string, meanwhile: () => Promise<void> = async () => {}): Promise<HeldLock> {
    const lock = join(this.#options.layout.locks, `${name}.lock`);
    const deadline = performance.now() + this.#options.timeoutMs;
    for (let attempts = 1; ; attempts += 1) {
      const isOurs = this.#unreleased.delete(lock) && this.#isOurs(lock);
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
    if (this.#self === undefined) return;
    for (const lock of this.#unreleased) if (this.#isOurs(lock)) removeFile(this.#options.fileSystem, lock);
    this.#unreleased.clear();
    removeFile(this.#options.fileSystem, this.#ownerFile(this.#self));
    this.#self = undefined;
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
    if (step.do === "read") return this.#read(step.name);
    if (step.do === "isAlive") return this.#isAlive(step.holder);
    if (step.do === "rename") fileSystem.renameSync(step.name, step.to);
    else removeFile(fileSystem, step.name);
    return undefined;
  }

  #link(name: string): boolean {
    const { fileSystem } = this.#options;
    const self = this.#self ?? this.#introduce();
    try {
      fileSystem.linkSync(this.#ownerFile(self), name);
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return false;
      if (hasErrno(error, "ENOENT")) {
        // Somebody has cleared the folder under us. The next attempt starts afresh.
        this.#self = undefined;
        return false;
      }
      if (isWithoutLinks(error)) return this.#createExclusively(name);
      throw error;
    }
  }

  /** For file systems without hard links: the content follows a moment later, which `isAlive` allows for. */
  #createExclusively(name: string): boolean {
    const { fileSystem } = this.#options;
    const self = this.#self ?? this.#introduce();
    try {
      withFile(fileSystem, name, CREATE, (fd) => writeAll(fileSystem, fd, encodeOwner(self)));
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return false;
      throw error;
    }
  }

  #read(name: string): SeenOwner | undefined {
    const { fileSystem } = this.#options;
    try {
      return withFile(fileSystem, name, READ, (fd) => {
        const { identity, changedAtMs } = statusOf(fileSystem, fd);
        const owner = decodeOwner(readRange(fileSystem, fd, 0, 4096).toString("utf8"), identity);
        return { ...owner, ageMs: Date.now() - changedAtMs };
      });
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  #isAlive(owner: SeenOwner): boolean {
    const now = performance.now();
    if (this.#lastAlive.nonce === owner.nonce && now - this.#lastAlive.at < ALIVE_FOR_MS) return true;
    const alive = isAlive(owner, owner.ageMs, this.#self ?? this.#introduce());
    if (alive) this.#lastAlive = { nonce: owner.nonce, at: now };
    return alive;
  }

  #held(lock: string): HeldLock {
    const { fileSystem } = this.#options;
    const lease = new Lease(() => {
      if (!this.#isOurs(lock)) return false;
      const now = Date.now() / 1000;
      withFile(fileSystem, lock, READ, (fd) => fileSystem.futimesSync(fd, now, now));
      return true;
    });
    return {
      release: () => {
        lease.end();
        try {
          if (lease.isCertain || this.#isOurs(lock)) removeFile(fileSystem, lock);
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

  #isOurs(lock: string): boolean {
    return this.#self !== undefined && this.#read(lock)?.nonce === this.#self.nonce;
  }

  /** Writes the owner file of this process, whole before its name is used, and sweeps away those of dead ones. */
  #introduce(): Owner {
    const { fileSystem, layout } = this.#options;
    const self = describeThisProcess(randomBytes(8).toString("hex"));
    layout.makeFolder(layout.owners);
    this.#sweepOwners(self);
    const path = this.#ownerFile(self);
    withFile(fileSystem, path, CREATE, (fd) => writeAll(fileSystem, fd, encodeOwner(self)));
    this.#self = self;
    return self;
  }

  #sweepOwners(self: Owner): void {
    const { fileSystem, layout } = this.#options;
    for (const name of fileSystem.readdirSync(layout.owners)) {
      const owner = this.#read(join(layout.owners, name));
      if (owner === undefined || isAlive(owner, owner.ageMs, self)) continue;
      removeFile(fileSystem, join(layout.owners, name));
    }
  }

  #ownerFile(owner: Owner): string {
    return join(this.#options.layout.owners, `${owner.pid}-${owner.nonce}`);
  }
}

function timeout(name: string, timeoutMs: number, attempt: Attempt<SeenOwner>): KaizenError {
  const who =
    attempt.outcome === "busy" && attempt.holder.pid !== 0
      ? `process ${attempt.holder.pid} on ${attempt.holder.host}`
      : "another process";
  return new KaizenError(
    "LOCK_TIMEOUT",
    `${who} has held the lock of "${name}" for more than ${timeoutMs / 1000} s; nothing was recorded.`,
    { hint: "Send the call again. If it goes on, see what that process is doing, and end it if it hangs." },
  );
}

function lostLock(lock: string): KaizenError {
  return new KaizenError(
    "LOCK_TIMEOUT",
    `This process held ${lock} for so long without a sign of life that another took it; nothing was recorded.`,
    { hint: "Send the call again." },
  );
}
