import { randomBytes } from "node:crypto";
import { join } from "node:path";
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
import { hasErrno } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";
import { decodeOwner, describeThisProcess, encodeOwner, isAlive, type Owner } from "./owner.ts";

/** An owner, and the time since its file was made, linked or refreshed. */
export type SeenOwner = Owner & { readonly ageMs: number };

/** Who a lock, or an owner file, says that it belongs to; `undefined` where there is none. */
export function readOwner(fileSystem: FileSystem, path: string): SeenOwner | undefined {
  try {
    return withFile(fileSystem, path, READ, (fd) => {
      const { identity, changedAtMs } = statusOf(fileSystem, fd);
      const owner = decodeOwner(readRange(fileSystem, fd, 0, 4096).toString("utf8"), identity);
      return { ...owner, ageMs: Date.now() - changedAtMs };
    });
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The file that says who this process is: whichever lock it takes is another name of it. */
export class OwnerFile {
  readonly #fileSystem: FileSystem;
  readonly #layout: Layout;
  #self: Owner | undefined;

  constructor(fileSystem: FileSystem, layout: Layout) {
    this.#fileSystem = fileSystem;
    this.#layout = layout;
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

  /** Somebody has cleared the folder under us: the next question makes another file. */
  forget(): void {
    this.#self = undefined;
  }

  /** Takes the file away. A later question makes another one. */
  remove(): void {
    if (this.#self === undefined) return;
    removeFile(this.#fileSystem, this.#pathOf(this.#self));
    this.#self = undefined;
  }

  /** Whether a lock is held by this process. */
  holds(lock: string): boolean {
    return this.#self !== undefined && readOwner(this.#fileSystem, lock)?.nonce === this.#self.nonce;
  }

  /** Writes the file, whole before its name is used, and sweeps away those of dead processes. */
  #introduce(): Owner {
    const self = describeThisProcess(randomBytes(8).toString("hex"));
    this.#layout.makeFolder(this.#layout.owners);
    this.#sweep(self);
    withFile(this.#fileSystem, this.#pathOf(self), CREATE, (fd) => writeAll(this.#fileSystem, fd, encodeOwner(self)));
    return self;
  }

  #sweep(self: Owner): void {
    for (const name of this.#fileSystem.readdirSync(this.#layout.owners)) {
      const path = join(this.#layout.owners, name);
      const owner = readOwner(this.#fileSystem, path);
      if (owner !== undefined && !isAlive(owner, owner.ageMs, self)) removeFile(this.#fileSystem, path);
    }
  }

  #pathOf({ nonce, pid }: Owner): string {
    return join(this.#layout.owners, `${pid}-${nonce}`);
  }
}
