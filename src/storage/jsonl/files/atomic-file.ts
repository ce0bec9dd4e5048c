import { dirname } from "node:path";
import { CREATE, type FileSystem, removeFile, syncFolder, withFile, writeAll } from "./file-system.ts";
import { unsafePath } from "./fs-errors.ts";

/**
 * Replaces a file: a reader sees the old content or the new, whole. With `durable` it also survives a power cut
 * once this returns; without, a power cut may leave the old content. On failure the old file stands as it was.
 *
 * Stands in for write-file-atomic, which has no step between the whole new file and the rename (`prepareReplacement`).
 */
export function replaceFile(fileSystem: FileSystem, path: string, bytes: Buffer, options: { durable: boolean }): void {
  const replacement = prepareReplacement(fileSystem, path, bytes, options);
  try {
    replacement.commit();
  } catch (error) {
    replacement.discard();
    throw error;
  }
  replacement.settle();
}

/** A file that is whole, and takes the place of another in one step. */
export interface Replacement {
  commit(): void;
  /** Comes instead. */
  discard(): void;
  /** Comes after it: makes the step survive a power cut, if that is wanted. */
  settle(): void;
}

export function prepareReplacement(
  fileSystem: FileSystem,
  path: string,
  bytes: Buffer,
  { durable }: { durable: boolean },
): Replacement {
  refuseSpecialFile(fileSystem, path);
  const temporary = temporaryName(path);
  const discard = () => removeFile(fileSystem, temporary);
  try {
    withFile(fileSystem, temporary, CREATE, (fd) => {
      writeAll(fileSystem, fd, bytes);
      if (durable) fileSystem.fsyncSync(fd);
    });
  } catch (error) {
    discard();
    throw error;
  }
  return {
    commit: () => fileSystem.renameSync(temporary, path),
    discard,
    settle() {
      if (durable) syncFolder(fileSystem, dirname(path));
    },
  };
}

const TEMPORARY = ".tmp-";
/** Sets the temporary files of one process apart; what a dead one with the same pid has left is swept under the lock. */
let count = 0;

function temporaryName(path: string): string {
  count += 1;
  return `${path}${TEMPORARY}${process.pid}-${count}`;
}

/** Whether a file was on its way to replace another. Under the lock of that other, its writer was killed. */
export function isTemporary(name: string): boolean {
  // Just as it is made: what people call something like it is theirs.
  return /\.tmp-\d+-\d+$/.test(name);
}

/** Renaming would put a plain file in the place of a link; that a link stands there is worth saying. */
function refuseSpecialFile(fileSystem: FileSystem, path: string): void {
  const stats = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) throw unsafePath(path);
}
