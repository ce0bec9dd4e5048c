import * as fs from "node:fs";
import { join } from "node:path";
import { isSameSpelling } from "../../domain/text/same-spelling.ts";
import { KaizenError } from "../../errors.ts";

/** Linux reaches an open folder by this, whatever its path has become since. */
export const DESCRIPTORS = "/proc/self/fd";

const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
/** Linux: opens a folder to be named by, which takes no right to list it. Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * Opens a folder by its path without links. `descriptors` is where the system keeps open folders; "" stands for a system
 * that does not, where paths are looked up again instead.
 */
export function openFolder(path: string, descriptors: string = DESCRIPTORS): OpenFolder {
  const isAnchored = descriptors !== "" && fs.existsSync(descriptors);
  return new OpenFolder(path, isAnchored ? descriptors : undefined, undefined);
}

/** A folder whose entries are meant, and no others: all names are those of entries, without a way. */
export class OpenFolder {
  readonly path: string;
  readonly identity: string;
  /** The outermost folder that was made on the way here. */
  readonly made: string | undefined;
  readonly #descriptors: string | undefined;
  readonly #fd: number | undefined;

  constructor(path: string, descriptors: string | undefined, made: string | undefined, at: string = path) {
    this.path = path;
    this.made = made;
    this.#descriptors = descriptors;
    if (descriptors === undefined) {
      const stats = fs.lstatSync(path, { bigint: true });
      if (!stats.isDirectory()) throw notFolder(path);
      this.identity = identityOf(stats);
      return;
    }
    this.#fd = fs.openSync(at, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    this.identity = identityOf(fs.fstatSync(this.#fd, { bigint: true }));
  }

  /** The folder below of a name, in the place of this one, which is closed. */
  below(name: string, make: boolean): OpenFolder {
    const path = join(this.path, name);
    const open = (made: string | undefined) => new OpenFolder(path, this.#descriptors, made, this.at(name));
    try {
      return this.#closing(() => open(this.made));
    } catch (error) {
      if (!(make && hasCode(error, "ENOENT")))
        throw hasCode(error, "ENOTDIR", "ELOOP") ? notFolder(path, error) : error;
    }
    return this.#closing(() => open(makeUnlessThere(this.at(name)) ? (this.made ?? path) : this.made));
  }

  /** Opens an entry, never through a link. What is made and turns out to lie elsewhere gets no byte. */
  open(name: string, flags: number, mode?: number): number {
    const fd = fs.openSync(this.at(name), flags | O_NOFOLLOW | O_NONBLOCK, mode);
    try {
      if (this.#fd !== undefined) return fd;
      const there = fs.lstatSync(this.at(name), { bigint: true });
      if (identityOf(there) !== identityOf(fs.fstatSync(fd, { bigint: true }))) throw exchanged(join(this.path, name));
      return fd;
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  /** Fails unless the folder is still where it was opened, and this entry of it is the open file. */
  expectHolds(name: string, fd: number): void {
    const there = fs.lstatSync(join(this.path, name), { bigint: true, throwIfNoEntry: false });
    const isOurs = there !== undefined && identityOf(there) === identityOf(fs.fstatSync(fd, { bigint: true }));
    if (!isOurs || !this.#isWhereItWas() || fs.realpathSync(this.path) !== this.path) throw exchanged(this.path);
  }

  /** Looks by name come one after the other, and a folder may be exchanged in between: the system knows where an open one is. */
  #isWhereItWas(): boolean {
    if (this.#fd === undefined) return true;
    return isSameSpelling(fs.readlinkSync(`${this.#descriptors}/${this.#fd}`), this.path);
  }

  status(name: string): fs.Stats | undefined {
    return fs.lstatSync(this.at(name), { throwIfNoEntry: false });
  }

  expectWritable(name?: string): void {
    const { W_OK, X_OK } = fs.constants;
    fs.accessSync(this.at("."), W_OK | X_OK);
    if (name !== undefined) fs.accessSync(this.at(name), W_OK);
  }

  makeFolder(name: string): void {
    fs.mkdirSync(this.at(name));
  }

  rename(from: string, to: string): void {
    fs.renameSync(this.at(from), this.at(to));
  }

  removeFile(name: string): void {
    fs.unlinkSync(this.at(name));
  }

  removeFolder(name: string): void {
    fs.rmdirSync(this.at(name));
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
  }

  #closing<T>(next: () => T): T {
    const result = next();
    this.close();
    return result;
  }

  /**
   * The path by which an entry is reached now. Without open folders, by a path that still leads to this folder, and through
   * no link. For people it has another.
   */
  at(name: string): string {
    if (this.#fd !== undefined) return `${this.#descriptors}/${this.#fd}/${name}`;
    const stats = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    const isSame = stats !== undefined && identityOf(stats) === this.identity;
    if (!isSame || fs.realpathSync(this.path) !== this.path) throw exchanged(this.path);
    return join(this.path, name);
  }
}

function makeUnlessThere(path: string): boolean {
  try {
    fs.mkdirSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

export function identityOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev}:${ino}`;
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

function notFolder(path: string, cause?: unknown): KaizenError {
  return unsafe(`${path} is in the place of a folder, so it is left alone.`, cause);
}

export function exchanged(path: string): KaizenError {
  return unsafe(`${path} was exchanged for another one just now, so it is left alone.`);
}

export function unsafe(message: string, cause?: unknown): KaizenError {
  return new KaizenError("UNSAFE_PATH", message, { hint: "Look at what is there, and move it away.", cause });
}
