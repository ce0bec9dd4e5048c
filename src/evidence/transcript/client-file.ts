import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { readBytes } from "../../trust/own-file.ts";

/** A file of a client's that is open for reading. */
export interface ClientFile {
  readonly fd: number;
  /** When it was opened; the client may write on. */
  readonly size: number;
}

/** Windows knows neither of the two. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants;

/**
 * Opens a plain file of this user, and hands it to `read`. `undefined` for what is none: a folder, a link, a FIFO, or
 * what is not ours to read.
 */
export function withClientFile<T>(path: string, read: (file: ClientFile) => T): T | undefined {
  const file = openClientFile(path);
  if (file === undefined) return undefined;
  try {
    return read(file);
  } catch (error) {
    // Gone, or on a disk that fails: then nothing is known from it.
    if (isOfSystem(error)) return undefined;
    throw error;
  } finally {
    closeClientFile(file);
  }
}

export function closeClientFile({ fd }: ClientFile): void {
  closeSync(fd);
}

export function openClientFile(path: string): ClientFile | undefined {
  let fd: number | undefined;
  try {
    // Non-blocking, so that a FIFO does not keep us waiting for a writer.
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fstatSync(fd);
    const self = process.geteuid?.();
    if (stats.isFile() && (self === undefined || stats.uid === self)) return { fd, size: stats.size };
  } catch {
    // Not there, or not ours to open.
  }
  if (fd !== undefined) closeSync(fd);
  return undefined;
}

/** The bytes from one place on; fewer if the file has become shorter. */
export function bytesAt({ fd }: ClientFile, from: number, length: number): Buffer {
  return readBytes(fd, from, length);
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
