import * as fs from "node:fs";
import { promisify } from "node:util";
import type { Hurry } from "../../hurry.ts";
import { hasErrno, ShortWrite, Unreadable, unsafePath } from "./fs-errors.ts";
import { expectInPlace } from "./in-place.ts";

/**
 * The file system calls that the store makes, as a value: a test can hand in one that fails, or dies, at any call.
 * They are the synchronous ones. What the store does under its lock takes a fraction of a millisecond, and is over
 * sooner without a trip through the thread pool for each call; `appendFile` splits large writes, `writeSync` does not.
 * One flush is not: most of an append is waiting for it, and meanwhile there is something to do.
 */
export interface FileSystem extends SynchronousCalls {
  fdatasync(fd: number): Promise<void>;
}

type SynchronousCalls = Pick<
  typeof fs,
  | "closeSync"
  | "fchmodSync"
  | "fdatasyncSync"
  | "fstatSync"
  | "fsyncSync"
  | "ftruncateSync"
  | "futimesSync"
  | "linkSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readSync"
  | "readdirSync"
  | "readlinkSync"
  | "renameSync"
  | "rmdirSync"
  | "unlinkSync"
  | "writeSync"
>;

export const nodeFileSystem: FileSystem = { ...fs, fdatasync: promisify(fs.fdatasync) };

/** A file system that tells of every read. */
export function tellingReads(fileSystem: FileSystem, { onRead }: Hurry): FileSystem {
  // The store reads in no other form.
  const readSync = (fd: number, buffer: NodeJS.ArrayBufferView, offset: number, length: number, position: number) => {
    const count = fileSystem.readSync(fd, buffer, offset, length, position);
    onRead(count);
    return count;
  };
  // Everything else it leaves to the one that it was made from.
  return Object.create(fileSystem, { readSync: { value: readSync } });
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;
/** Windows has neither flag: a link there needs a privilege, and nothing in a folder is a FIFO. */
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;

/** Non-blocking, so that a FIFO put in the place of a file is refused instead of waited for. */
export const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
export const APPEND = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
/** For a file that has to be there: Windows sets its times for those only who may write to it. */
export const UPDATE = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
export const CREATE = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;

/** At most, whatever the umask allows: no other user gets to write what agents are told. */
const FILE_MODE = 0o644;
export const FOLDER_MODE = 0o755;

/**
 * Which file an open descriptor or a path leads to, whatever it is called: its number. Not its device as well, for all
 * files of a store stand on one, and a container gives another number to it than its host, with the same index before both.
 */
export type FileIdentity = string;

export interface FileStatus {
  readonly identity: FileIdentity;
  readonly size: number;
  readonly changedAtMs: number;
}

/** Opens a plain file and does something with it. Links and special files are refused by name. */
export function withFile<T>(fileSystem: FileSystem, path: string, flags: number, use: (fd: number) => T): T {
  const fd = openPlainFile(fileSystem, path, flags);
  let result: T;
  try {
    result = use(fd);
  } catch (error) {
    closeQuietly(fileSystem, fd);
    throw error;
  }
  close(fileSystem, fd, flags);
  return result;
}

/** Opens a file for work that takes turns with other work. */
export async function withFileAsync<T>(
  fileSystem: FileSystem,
  path: string,
  flags: number,
  use: (fd: number) => Promise<T>,
): Promise<T> {
  const fd = openPlainFile(fileSystem, path, flags);
  let result: T;
  try {
    result = await use(fd);
  } catch (error) {
    closeQuietly(fileSystem, fd);
    throw error;
  }
  close(fileSystem, fd, flags);
  return result;
}

/** Opens a file that need not be there: then there is no descriptor to give. */
export async function withFileIfThere<T>(
  fileSystem: FileSystem,
  path: string,
  flags: number,
  use: (fd: number | undefined) => Promise<T>,
): Promise<T> {
  if (statusAt(fileSystem, path) === undefined) return use(undefined);
  return withFileAsync(fileSystem, path, flags, use);
}

/**
 * On a network file system closing may be what says that a new file could not be written. A log has been flushed by
 * then, so that closing it can no longer take back what was acknowledged.
 */
function close(fileSystem: FileSystem, fd: number, flags: number): void {
  if ((flags & O_EXCL) === 0) closeQuietly(fileSystem, fd);
  else fileSystem.closeSync(fd);
}

export function closeQuietly(fileSystem: FileSystem, fd: number): void {
  try {
    fileSystem.closeSync(fd);
  } catch {
    // The descriptor is gone either way (close(2)).
  }
}

/** Opens a plain file. Links and special files are refused by name. The caller closes it. */
export function openPlainFile(fileSystem: FileSystem, path: string, flags: number): number {
  let fd: number;
  try {
    fd = fileSystem.openSync(path, flags, FILE_MODE);
  } catch (error) {
    // No writer's or reader's end (ENXIO), a socket (ENXIO), a folder opened for writing (EISDIR), a link (ELOOP).
    if (hasErrno(error, "ELOOP", "EMLINK", "ENXIO", "EISDIR")) throw unsafePath(path, error);
    if (flags === READ && error instanceof Error && hasErrno(error, "EACCES", "EPERM")) throw new Unreadable(error);
    throw error;
  }
  try {
    // What was just created cannot be anything else.
    if ((flags & O_EXCL) === 0 && !fileSystem.fstatSync(fd).isFile()) throw unsafePath(path);
    if (flags !== READ) expectInPlace(fileSystem, fd, path, { isNew: (flags & O_EXCL) !== 0 });
    return fd;
  } catch (error) {
    closeQuietly(fileSystem, fd);
    throw error;
  }
}

export function statusOf(fileSystem: FileSystem, fd: number): FileStatus {
  return fileStatus(fileSystem.fstatSync(fd, { bigint: true }));
}

/** Who may do what with an open file. */
export function modeOf(fileSystem: FileSystem, fd: number): number {
  return fileSystem.fstatSync(fd).mode & 0o7777;
}

/** The status of what stands at a path, or `undefined` if nothing does. */
export function statusAt(fileSystem: FileSystem, path: string): FileStatus | undefined {
  const stats = fileSystem.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : fileStatus(stats);
}

function fileStatus(stats: fs.BigIntStats): FileStatus {
  return {
    identity: String(stats.ino),
    size: Number(stats.size),
    changedAtMs: Number(stats.ctimeMs),
  };
}

/** Reads exactly what is there between two offsets: shorter where the file ends before. */
export function readRange(fileSystem: FileSystem, fd: number, from: number, to: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, to - from));
  let filled = 0;
  while (filled < buffer.length) {
    const count = fileSystem.readSync(fd, buffer, filled, buffer.length - filled, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/**
 * Writes everything, and gives in how many pieces. A full disk shows as a short count first, and as an error only at the
 * next call.
 */
export function writeAll(fileSystem: FileSystem, fd: number, bytes: Buffer): number {
  let written = 0;
  let pieces = 0;
  while (written < bytes.length) {
    try {
      written += fileSystem.writeSync(fd, bytes, written, bytes.length - written);
      pieces += 1;
    } catch (error) {
      throw new ShortWrite(written, error);
    }
  }
  return pieces;
}

/** Writes bytes in the place of those that stand at an offset. Not for a file that is open for appending. */
export function writeAllAt(fileSystem: FileSystem, fd: number, bytes: Buffer, offset: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += fileSystem.writeSync(fd, bytes, written, bytes.length - written, offset + written);
  }
}

/** Makes a new or renamed entry of a folder survive a power cut. Windows has no such call, and needs none. */
export function syncFolder(fileSystem: FileSystem, path: string): void {
  if (process.platform === "win32") return;
  const fd = fileSystem.openSync(path, O_RDONLY);
  try {
    fileSystem.fsyncSync(fd);
  } finally {
    fileSystem.closeSync(fd);
  }
}

/** Removes a file; that it is gone already is what was wanted. */
export function removeFile(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.unlinkSync(path);
  } catch (error) {
    if (!hasErrno(error, "ENOENT")) throw error;
  }
}
