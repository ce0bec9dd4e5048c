import * as fs from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { DESCRIPTORS, exchanged, identityOf, type OpenFolder, openFolder, unsafe } from "./open-folder.ts";

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
  let folder = openFolder(root.path, descriptors);
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
