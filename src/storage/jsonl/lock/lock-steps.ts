import { CREATE, type FileSystem, removeFile, UPDATE, withFile, writeAll } from "../files/file-system.ts";
import { hasErrno, isUnsafePath, isWithoutLinks } from "../files/fs-errors.ts";
import type { LockProcedure, LockStep, StepAnswer } from "./lock-protocol.ts";
import { encodeOwner } from "./owner.ts";
import { type OwnerFile, readOwner, type SeenOwner, touch } from "./owner-file.ts";

/** A holder that lived a moment ago, in ms, is not looked up again: that costs more than all else in an attempt. */
const ALIVE_FOR_MS = 20;

/** Carries out the steps of the protocol on a file system, for one process. */
export class LockSteps {
  readonly #fileSystem: FileSystem;
  readonly #ownerFile: OwnerFile;
  #lastAlive = { nonce: "", at: 0 };

  constructor(fileSystem: FileSystem, ownerFile: OwnerFile) {
    this.#fileSystem = fileSystem;
    this.#ownerFile = ownerFile;
  }

  /** Runs a procedure to its end. Where a step fails, some of the names that were `asked` for may be ours all the same. */
  run<Result>(procedure: LockProcedure<SeenOwner, Result>, asked = new Set<string>()): Result {
    let next = procedure.next();
    while (next.done !== true) {
      const step = next.value;
      if (step.do === "link") asked.add(step.name);
      next = procedure.next(this.#carryOut(step));
    }
    return next.value;
  }

  #carryOut(step: LockStep<SeenOwner>): StepAnswer<SeenOwner> {
    const fileSystem = this.#fileSystem;
    if (step.do === "link") return this.#link(step.name);
    if (step.do === "read") return readHolder(fileSystem, step.name);
    if (step.do === "isOurs") return this.#ownerFile.isOurs(step.holder);
    if (step.do === "isAlive") return this.#isAlive(step.holder);
    if (step.do === "touch") withFile(fileSystem, step.name, UPDATE, (fd) => touch(fileSystem, fd));
    else if (step.do === "rename") renameIfThere(fileSystem, step.name, step.to);
    else removeFile(fileSystem, step.name);
    return undefined;
  }

  #link(name: string): boolean {
    const ownerFile = this.#ownerFile.path();
    try {
      this.#fileSystem.linkSync(ownerFile, name);
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return false;
      if (hasErrno(error, "ENOENT")) {
        // A person or a tool has cleared the folder under us. The next attempt starts afresh.
        this.#ownerFile.forget();
        return false;
      }
      if (isWithoutLinks(error)) return this.#createExclusively(name);
      throw error;
    }
  }

  /** For file systems without hard links: the content follows a moment later, which `isAlive` allows for. */
  #createExclusively(name: string): boolean {
    const fileSystem = this.#fileSystem;
    const self = this.#ownerFile.self();
    try {
      withFile(fileSystem, name, CREATE, (fd) => {
        try {
          writeAll(fileSystem, fd, encodeOwner(self));
        } catch (error) {
          // Without its content the lock would name no holder.
          removeFile(fileSystem, name);
          throw error;
        }
      });
      return true;
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return false;
      throw error;
    }
  }

  #isAlive(owner: SeenOwner): boolean {
    const now = performance.now();
    if (this.#lastAlive.nonce === owner.nonce && now - this.#lastAlive.at < ALIVE_FOR_MS) return true;
    const alive = this.#ownerFile.isAlive(owner);
    if (alive) this.#lastAlive = { nonce: owner.nonce, at: now };
    return alive;
  }
}

/**
 * Who holds a lock or a claim. A link, a FIFO or the like in its place is no lock of anyone: it is taken for that of a dead
 * process, so that ours takes its place, and what a link leads to is left alone. A folder cannot be replaced so.
 */
function readHolder(fileSystem: FileSystem, name: string): SeenOwner | undefined {
  try {
    return readOwner(fileSystem, name);
  } catch (error) {
    const status = isUnsafePath(error) ? fileSystem.lstatSync(name, { throwIfNoEntry: false }) : undefined;
    if (status === undefined || status.isFile() || status.isDirectory()) throw error;
    return { nonce: `odd-${status.ino}`, pid: 0, host: "", changedAtMs: 0 };
  }
}

function renameIfThere(fileSystem: FileSystem, name: string, to: string): void {
  try {
    fileSystem.renameSync(name, to);
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
  }
}
