import * as fs from "node:fs";
import { basename, dirname } from "node:path";
import { isSameSpelling } from "../../../domain/text/same-spelling.ts";
import { hasErrno, replacedMeanwhile, unsafePath } from "./fs-errors.ts";

type Looks = Pick<typeof fs, "closeSync" | "fstatSync" | "lstatSync" | "openSync" | "readlinkSync" | "unlinkSync">;

/** Windows has neither flag. */
const FOLDER = fs.constants.O_RDONLY | (fs.constants.O_DIRECTORY ?? 0) | (fs.constants.O_NOFOLLOW ?? 0);

/**
 * Comes between the opening of a file for writing and its first byte. Folders were looked at by name, and one may have been
 * exchanged for a link before the file was opened. Fails with `UNSAFE_PATH` if the open file does not stand at its path.
 */
export function expectInPlace(fileSystem: Looks, fd: number, path: string, { isNew }: { isNew: boolean }): void {
  const place = placeOf(fileSystem, fd);
  if (place === path) return;
  const folders = foldersOfStore(path);
  const isFolder = (folder: string) => fileSystem.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  // Looks by name come one after the other, and a folder may be exchanged in between: what the system says stands before them.
  if (place === undefined || isPlaceOf(fileSystem, place, path)) {
    const open = fileSystem.fstatSync(fd, { bigint: true });
    const named = fileSystem.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    const isNamed = named?.isFile() === true && named.ino === open.ino;
    if (isNamed && folders.every(isFolder)) return;
  }
  // Nothing was written to what was made by us a moment ago, wherever it is.
  if (place !== undefined && isNew) fileSystem.unlinkSync(place);
  // Where nothing says more, another writer may have replaced the file in this moment.
  throw place === undefined && folders.every(isFolder) ? replacedMeanwhile(path) : unsafePath(path);
}

/**
 * A path by which an open folder of the store is reached, whatever is put in its place meanwhile; its own where the system
 * has no such. Fails with `UNSAFE_PATH` if the open folder is another than that of the name.
 */
export function steadyPath(fileSystem: Looks, fd: number, folder: string): string {
  const place = placeOf(fileSystem, fd);
  if (place === undefined) return folder;
  if (place !== folder && !isPlaceOf(fileSystem, place, folder)) throw unsafePath(folder);
  return `/proc/self/fd/${fd}`;
}

/** Opens a folder of the store to make something in it. */
export function openFolder(fileSystem: Looks, folder: string): number {
  try {
    return fileSystem.openSync(folder, FOLDER);
  } catch (error) {
    throw hasErrno(error, "ELOOP", "EMLINK", "ENOTDIR") ? unsafePath(folder, error) : error;
  }
}

/**
 * Whether a path of the store leads to a place. Some file systems spell a name in their own way, and the project's own
 * folder may have been moved, with a link in its place: that is the user's affair.
 */
function isPlaceOf(fileSystem: Looks, place: string, path: string): boolean {
  const kaizen = foldersOfStore(path).at(-1) ?? path;
  let fd: number;
  try {
    fd = openFolder(fileSystem, kaizen);
  } catch {
    return false;
  }
  const start = placeOf(fileSystem, fd);
  fileSystem.closeSync(fd);
  return start !== undefined && isSameSpelling(place, start + path.slice(kaizen.length));
}

/** Where an open file is, as Linux says it, also after it was replaced at its path. */
function placeOf(fileSystem: Looks, fd: number): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return fileSystem.readlinkSync(`/proc/self/fd/${fd}`).replace(/ \(deleted\)$/, "");
  } catch {
    // Without /proc, as in some sandboxes.
    return undefined;
  }
}

/** The folders from the project's `.kaizen` down to a file. */
function foldersOfStore(path: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    folders.push(folder);
    if (basename(folder) === ".kaizen") return folders;
  }
  return [dirname(path)];
}
