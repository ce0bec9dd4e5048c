import type * as fs from "node:fs";
import { basename, dirname } from "node:path";
import { replacedMeanwhile, unsafePath } from "./fs-errors.ts";

type Looks = Pick<typeof fs, "fstatSync" | "lstatSync" | "readlinkSync" | "unlinkSync">;

/**
 * Comes between the opening of a file for writing and its first byte. Folders were looked at by name, and one may have been
 * exchanged for a link before the file was opened. Fails with `UNSAFE_PATH` if the open file does not stand at its path.
 */
export function expectInPlace(fileSystem: Looks, fd: number, path: string, { isNew }: { isNew: boolean }): void {
  const place = placeOf(fileSystem, fd);
  if (place === path) return;
  // Other systems do not say where an open file is, and some file systems spell a name in their own way.
  const folders = foldersOfStore(path);
  const isFolder = (folder: string) => fileSystem.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const open = fileSystem.fstatSync(fd, { bigint: true });
  const named = fileSystem.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const isNamed = named?.isFile() === true && named.ino === open.ino;
  if (isNamed && folders.every(isFolder)) return;
  // Nothing was written to what was made by us a moment ago, wherever it is.
  if (place !== undefined && isNew) fileSystem.unlinkSync(place);
  // Where nothing says more, another writer may have replaced the file in this moment.
  throw place === undefined && folders.every(isFolder) ? replacedMeanwhile(path) : unsafePath(path);
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
