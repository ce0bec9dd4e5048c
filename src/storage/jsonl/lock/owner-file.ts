import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  CREATE,
  type FileSystem,
  READ,
  readRange,
  removeFile,
  statusOf,
  UPDATE,
  withFile,
  writeAll,
} from "../files/file-system.ts";
import { errnoOf, hasErrno, isUnsafePath } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";
import { decodeOwner, describeThisProcess, encodeOwner, isAlive, OWNER_FILE_LEASE_MS, type Owner } from "./owner.ts";

/** An owner, and when its file was made, linked or refreshed, in ms by the file system's clock. */
export type SeenOwner = Owner & { readonly changedAtMs: number };

/** Every process sweeps, so few are left; however many there are, none waits long for it. `doctor` looks at all. */
const SWEPT_AT_ONCE = 250;

/** Who a lock, or an owner file, says that it belongs to; `undefined` if there is none. */
export function readOwner(fileSystem: FileSystem, path: string): SeenOwner | undefined {
  try {
    return withFile(fileSystem, path, READ, (fd) => {
      const { identity, changedAtMs } = statusOf(fileSystem, fd);
      const owner = decodeOwner(readRange(fileSystem, fd, 0, 4096).toString("utf8"), identity);
      return { ...owner, changedAtMs };
    });
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Dates an open file to now, for other processes to see. */
export function touch(fileSystem: FileSystem, fd: number): void {
  const now = Date.now() / 1000;
  fileSystem.futimesSync(fd, now, now);
}

/** The file that says who this process is: whichever lock it takes is another name of it. */
export class OwnerFile {
  readonly #fileSystem: FileSystem;
  readonly #layout: Layout;
  readonly #onIntroduced: () => void;
  #self: Owner | undefined;
  /** Of every owner file that this process has had: a person may clear the folder while we hold a lock. */
  readonly #nonces = new Set<string>();

  constructor(fileSystem: FileSystem, layout: Layout, onIntroduced = () => {}) {
    this.#fileSystem = fileSystem;
    this.#layout = layout;
    this.#onIntroduced = onIntroduced;
  }

  /** Who this process is. The first question makes the file. */
  self(): Owner {
    this.#self ??= this.#introduce();
    return this.#self;
  }

  /** Where the file stands. */
  path(): string {
    return this.#pathOf(this.self());
  }

  /** To be called if the folder was cleared under us: the next call of `self` makes another file. */
  forget(): void {
    this.#self = undefined;
  }

  /** Takes the file away. A later question makes another one. */
  remove(): void {
    if (this.#self === undefined) return;
    removeFile(this.#fileSystem, this.#pathOf(this.#self));
    this.#self = undefined;
  }

  /** Whether an owner is this process. */
  isOurs(owner: SeenOwner): boolean {
    return this.#nonces.has(owner.nonce);
  }

  /** Whether an owner still lives. */
  isAlive(owner: SeenOwner, leaseMs?: number): boolean {
    return isAlive(owner, () => this.#now() - owner.changedAtMs, this.self(), leaseMs);
  }

  /** In ms, by the clock that dates the files: another machine's may be minutes away from ours. */
  #now(): number {
    try {
      return withFile(this.#fileSystem, this.path(), UPDATE, (fd) => {
        touch(this.#fileSystem, fd);
        return statusOf(this.#fileSystem, fd).changedAtMs;
      });
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return Date.now();
      throw error;
    }
  }

  /** Writes the file, whole before its name is used, and sweeps away those of dead processes. */
  #introduce(): Owner {
    const self = describeThisProcess(randomBytes(8).toString("hex"));
    this.#layout.makeFolder(this.#layout.owners);
    try {
      withFile(this.#fileSystem, this.#pathOf(self), CREATE, (fd) => writeAll(this.#fileSystem, fd, encodeOwner(self)));
    } catch (error) {
      // On a full disk every process would leave an empty one.
      unlessRefused(() => removeFile(this.#fileSystem, this.#pathOf(self)));
      throw error;
    }
    this.#nonces.add(self.nonce);
    this.#self = self;
    this.#onIntroduced();
    this.#sweep();
    return self;
  }

  #sweep(): void {
    for (const name of this.#fileSystem.readdirSync(this.#layout.owners).slice(0, SWEPT_AT_ONCE)) {
      this.#sweepFile(join(this.#layout.owners, name));
    }
  }

  /** Removes a dead process's file. What is no plain file, or may not be read or removed, stays: it does no harm. */
  #sweepFile(path: string): void {
    unlessRefused(() => {
      const owner = readOwner(this.#fileSystem, path);
      if (owner !== undefined && !this.isAlive(owner, OWNER_FILE_LEASE_MS)) removeFile(this.#fileSystem, path);
    });
  }

  #pathOf({ nonce, pid }: Owner): string {
    return join(this.#layout.owners, `${pid}-${nonce}`);
  }
}

/** Does what may stay undone if the file system refuses it. */
function unlessRefused(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isUnsafePath(error) && errnoOf(error) === undefined) throw error;
  }
}
