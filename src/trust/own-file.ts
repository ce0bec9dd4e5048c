import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { errorCodeOf } from "../errors.ts";

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
/** Windows has neither flag. */
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;

export const CREATE_OWN = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** A file or folder that counts as if it were not there, and why. */
export class Refused extends Error {}

/** What the file system said of a path. */
export function refusal(path: string, doing: "looked at" | "read" | "removed" | "written", cause: unknown): Refused {
  return new Refused(`${path} cannot be ${doing} (${errorCodeOf(cause) ?? "no reason given"})`, { cause });
}

/**
 * Reads a small file that only this user may write to. `undefined` if there is none; fails with `Refused` for a link,
 * for what is no plain file, is another user's, may be changed by others, or is larger than it can be.
 */
export function readOwnFile(file: string, maxBytes: number): string | undefined {
  return readPlainFile(file, maxBytes, refuseForeign, O_NOFOLLOW);
}

/** Reads a small file that `expectFit` lets pass: the file itself, or with other flags what is behind a link. */
export function readPlainFile(
  file: string,
  maxBytes: number,
  expectFit: (file: string, stats: Stats) => void,
  flags = 0,
): string | undefined {
  let fd: number;
  try {
    // Non-blocking, so that a FIFO is refused and not waited for.
    fd = openSync(file, O_RDONLY | flags | O_NONBLOCK);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT" || errorCodeOf(error) === "ENOTDIR") return undefined;
    throw refusal(file, "read", error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Refused(`${file} is no plain file`);
    expectFit(file, stats);
    if (stats.size > maxBytes) throw new Refused(`${file} is larger than ${maxBytes} bytes`);
    return readBytes(fd, 0, stats.size).toString("utf8");
  } finally {
    closeSync(fd);
  }
}

/** Whether a folder is there that only this user may write to. Fails with `Refused` for anything else in its place. */
export function hasOwnFolder(folder: string): boolean {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(folder, { throwIfNoEntry: false });
  } catch (error) {
    if (errorCodeOf(error) === "ENOTDIR") return false;
    throw refusal(folder, "looked at", error);
  }
  if (stats === undefined) return false;
  if (!stats.isDirectory()) throw new Refused(`${folder} is no folder`);
  refuseForeign(folder, stats);
  return true;
}

/** Makes a folder of this user's, unless it is there; a home that is missing is not made. */
export function makeOwnFolder(folder: string, home: string | undefined): void {
  if (hasOwnFolder(folder)) return;
  if (home !== undefined && !statSync(home).isDirectory()) throw new Refused(`${home} is no folder`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What was put there meanwhile is looked at before anything goes into it.
  hasOwnFolder(folder);
}

/** Windows knows neither: there the user's profile is closed to others as it is. */
function refuseForeign(path: string, { mode, uid }: Stats): void {
  const self = process.geteuid?.();
  if (self === undefined) return;
  if (uid !== self) throw new Refused(`${path} belongs to another user`);
  if ((mode & 0o022) !== 0) throw new Refused(`others may write to ${path}`);
}

/** The bytes of an open file from one place on; fewer if it has become shorter. */
export function readBytes(fd: number, from: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
