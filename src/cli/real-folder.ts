import * as fs from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { KaizenError } from "../errors.ts";

// Writing below a folder without ever leaving it through a link: a cloned repository may hold a link in any place.

/** A folder that writing has to stay in: its path without links, and which folder it was when that was found out. */
export interface RealFolder {
  readonly path: string;
  readonly identity: string;
}

export function realFolder(path: string): RealFolder {
  const real = fs.realpathSync(path);
  return { path: real, identity: identityOf(fs.statSync(real, { bigint: true })) };
}

/**
 * Where a path below the folder really is, for a file that may not be there yet. A link that stays inside is followed;
 * one that leads out, nowhere, or into `.git` or `.kaizen` is refused with its name and what it leads to.
 */
export function placeBelow(root: RealFolder, names: readonly string[]): string {
  let place = root.path;
  for (const [index, name] of names.entries()) {
    const path = join(place, name);
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return join(path, ...names.slice(index + 1));
    place = stats.isSymbolicLink() ? linkTarget(root, path, index < names.length - 1) : path;
  }
  return place;
}

/** What is written into these through a link is never what was meant: git runs what it finds in its own. */
const guarded = new Set([".git", ".kaizen"]);

function linkTarget(root: RealFolder, link: string, isFolder: boolean): string {
  let target: string;
  try {
    target = fs.realpathSync(link);
  } catch (cause) {
    const what = isFolder ? "is in the place of a folder, but" : "is";
    const to = fs.readlinkSync(link);
    throw unsafe(`${link} ${what} a symbolic link that leads nowhere (${to}), so it is left alone.`, cause);
  }
  const steps = relative(root.path, target).split(sep);
  const isInside = isWithin(root.path, target);
  if (isInside && !steps.some((step) => guarded.has(step.toLowerCase()))) return target;
  const where = isInside ? "which is not for others to write" : `which is outside of ${root.path}`;
  throw unsafe(`${link} is a symbolic link to ${target}, ${where}, so it is left alone.`);
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Linux reaches an open folder by this, whatever its path has become since. */
const DESCRIPTORS = "/proc/self/fd";

const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = fs.constants;

interface FolderOptions {
  /** Whether folders that are missing are made. */
  readonly make?: boolean;
  /** Where the system keeps open folders; "" for a system that does not, where paths are looked up again instead. */
  readonly descriptors?: string;
}

/**
 * Opens a folder on a real path below the root, and does something with its entries. From the root on, each step refuses
 * a link, so that a folder that is exchanged for one meanwhile leads nowhere.
 */
export function withFolder<T>(
  root: RealFolder,
  path: string,
  { descriptors = DESCRIPTORS, make = false }: FolderOptions,
  use: (folder: OpenFolder) => T,
): T {
  const isAnchored = descriptors !== "" && fs.existsSync(descriptors);
  let folder = new OpenFolder(root.path, isAnchored ? descriptors : undefined, undefined);
  try {
    if (folder.identity !== root.identity) throw exchanged(root.path);
    const names = relative(root.path, path).split(sep);
    if (path === root.path) return use(folder);
    if (!isWithin(root.path, path)) throw unsafe(`${path} is outside of ${root.path}, so it is left alone.`);
    for (const name of names) folder = folder.below(name, make);
    return use(folder);
  } finally {
    folder.close();
  }
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
    this.#fd = fs.openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    this.identity = identityOf(fs.fstatSync(this.#fd, { bigint: true }));
  }

  /** The folder below of a name, in the place of this one, which is closed. */
  below(name: string, make: boolean): OpenFolder {
    const path = join(this.path, name);
    const open = (made: string | undefined) => new OpenFolder(path, this.#descriptors, made, this.#at(name));
    try {
      return this.#closing(() => open(this.made));
    } catch (error) {
      if (!(make && hasCode(error, "ENOENT")))
        throw hasCode(error, "ENOTDIR", "ELOOP") ? notFolder(path, error) : error;
    }
    return this.#closing(() => open(makeUnlessThere(this.#at(name)) ? (this.made ?? path) : this.made));
  }

  /** Opens an entry, never through a link. What is made and turns out to lie elsewhere gets no byte. */
  open(name: string, flags: number, mode?: number): number {
    const fd = fs.openSync(this.#at(name), flags | O_NOFOLLOW | O_NONBLOCK, mode);
    try {
      if (this.#fd !== undefined) return fd;
      const there = fs.lstatSync(this.#at(name), { bigint: true });
      if (identityOf(there) !== identityOf(fs.fstatSync(fd, { bigint: true }))) throw exchanged(join(this.path, name));
      return fd;
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  status(name: string): fs.Stats | undefined {
    return fs.lstatSync(this.#at(name), { throwIfNoEntry: false });
  }

  expectWritable(name?: string): void {
    const { W_OK, X_OK } = fs.constants;
    fs.accessSync(this.#at("."), W_OK | X_OK);
    if (name !== undefined) fs.accessSync(this.#at(name), W_OK);
  }

  makeFolder(name: string): void {
    fs.mkdirSync(this.#at(name));
  }

  rename(from: string, to: string): void {
    fs.renameSync(this.#at(from), this.#at(to));
  }

  removeFile(name: string): void {
    fs.unlinkSync(this.#at(name));
  }

  removeFolder(name: string): void {
    fs.rmdirSync(this.#at(name));
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
  }

  #closing<T>(next: () => T): T {
    const result = next();
    this.close();
    return result;
  }

  /** Where an entry is reached. Without open folders, by a path that still leads to this folder, and through no link. */
  #at(name: string): string {
    if (this.#fd !== undefined) return `${this.#descriptors}/${this.#fd}/${name}`;
    const stats = fs.lstatSync(this.path, { bigint: true, throwIfNoEntry: false });
    const isSame = stats !== undefined && identityOf(stats) === this.identity;
    if (!isSame || fs.realpathSync(this.path) !== this.path) throw exchanged(this.path);
    return join(this.path, name);
  }
}

/** Removes a folder and those around it, from the innermost outwards, as far as they are empty. */
export function removeEmptyFolders(root: RealFolder, innermost: string, outermost: string): void {
  try {
    withFolder(root, dirname(innermost), {}, (folder) => folder.removeFolder(innermost.slice(folder.path.length + 1)));
  } catch {
    // Something else is in it, or it is not ours to remove: either way it stays.
    return;
  }
  if (innermost !== outermost) removeEmptyFolders(root, dirname(innermost), outermost);
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

function identityOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev}:${ino}`;
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

function notFolder(path: string, cause?: unknown): KaizenError {
  return unsafe(`${path} is in the place of a folder, so it is left alone.`, cause);
}

function exchanged(path: string): KaizenError {
  return unsafe(`${path} was exchanged for another one just now, so it is left alone.`);
}

function unsafe(message: string, cause?: unknown): KaizenError {
  return new KaizenError("UNSAFE_PATH", message, { hint: "Look at what is there, and move it away.", cause });
}
