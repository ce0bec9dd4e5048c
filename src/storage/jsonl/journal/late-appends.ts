import { randomBytes } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { isTemporary } from "../files/atomic-file.ts";
import {
  type FileIdentity,
  type FileStatus,
  type FileSystem,
  READ,
  readRange,
  removeFile,
  statusAt,
  statusOf,
  withFile,
} from "../files/file-system.ts";
import { appendLines } from "./append.ts";

/**
 * A rewritten log replaces the old file by a rename. Writers that know nothing of the lock may have opened the old file
 * just before, and append to it just after. So the old file keeps a second name for a while, which says how far it had
 * been read and where the new one ended; what comes later is carried over. A rewriter that is killed leaves that name,
 * and the next one under the lock finishes its work.
 *
 * The name also says which file it is, by its number. A clone or a copy of a folder has other files: what comes with it
 * under such a name was never part of a log here, so it is not carried over unseen. `doctor` names it. Of the runs that
 * were recorded here none stands in an old file alone, for they are written under the lock.
 */
interface DrainLink {
  readonly path: string;
  /** The log whose old file it is. */
  readonly log: string;
  /** Bytes of the old file that the new one was made from. */
  readonly readTo: number;
  /** Size of the new file when it took the old one's place. */
  readonly newSize: number;
  /** Whether it is the file that the name was made for. */
  readonly isOurs: boolean;
}

/** So long after its last change, in ms, no process is thought to have the old file still open. */
export const GRACE_MS = 1_000;

const LARGEST_LATE_BYTES = 64 * 1024 * 1024;

/** The second name of an old file; the last part sets it apart from that of an older one with the same sizes. */
export function drainPath(log: string, old: { identity: FileIdentity; readTo: number }, newSize: number): string {
  return `${log}.drain-${old.readTo}-${newSize}-${old.identity}-${randomBytes(4).toString("hex")}`;
}

/** The log that a file is written to replace, if that is what it is. */
function rewriteOf(name: string): string | undefined {
  return /^(.+)\.rewrite-[0-9a-f]{12}$/.exec(name)?.[1];
}

interface Leftovers {
  readonly drains: readonly DrainLink[];
  readonly unfinished: readonly string[];
}

/** What writers that were killed, and rewrites, leave beside logs of one folder. */
function leftovers(fileSystem: FileSystem, logs: readonly string[]): Leftovers {
  const folder = dirname(logs[0] ?? "");
  const names = fileSystem.readdirSync(folder);
  const drains = names.flatMap((name): DrainLink[] => {
    const [, of, readTo, newSize, identity] = /^(.+)\.drain-(\d+)-(\d+)(?:-(\d+))?-[0-9a-f]{8}$/.exec(name) ?? [];
    const log = logs.find((path) => basename(path) === of);
    if (log === undefined) return [];
    const path = join(folder, name);
    const stats = fileSystem.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats?.isFile() !== true) return [];
    const isOurs = identity === String(stats.ino);
    return [{ path, log, readTo: Number(readTo), newSize: Number(newSize), isOurs }];
  });
  const isRewrite = (name: string) => logs.some((log) => rewriteOf(name) === basename(log));
  const unfinished = names.filter((name) => isRewrite(name) || isTemporary(name));
  return { drains, unfinished: unfinished.map((name) => join(folder, name)) };
}

/**
 * Carries over what has been appended to old files of these logs of one folder, and removes those that no process writes to
 * any more. The caller holds the lock. Gives whether any are left to look at again. With `alsoForeign` a person has asked
 * for what came from elsewhere.
 */
export function finishDrains(
  fileSystem: FileSystem,
  logs: readonly string[],
  now: number,
  { alsoForeign = false } = {},
): boolean {
  const { drains, unfinished } = leftovers(fileSystem, logs);
  for (const path of unfinished) removeFile(fileSystem, path);
  let left = false;
  for (const link of drains) {
    const old = link.isOurs || alsoForeign ? statusAt(fileSystem, link.path) : undefined;
    if (old === undefined || isTooLarge(link, old)) continue;
    const wasReplaced = old.identity !== statusAt(fileSystem, link.log)?.identity;
    const isOver = !wasReplaced || now - old.changedAtMs >= GRACE_MS;
    if (wasReplaced) carryOver(fileSystem, link, { withTail: isOver });
    if (isOver) removeFile(fileSystem, link.path);
    else left = true;
  }
  return left;
}

/**
 * Before the log is replaced once more: what older files have got up to now goes to the log that is replaced, and from
 * there to the new one like any late line. From here on they are read from where they end, for the new log, whose size
 * is given.
 */
export function advanceDrains(fileSystem: FileSystem, log: string, newSize: number): void {
  for (const link of leftovers(fileSystem, [log]).drains) {
    const old = statusAt(fileSystem, link.path);
    if (old === undefined || !link.isOurs || isTooLarge(link, old)) continue;
    if (old.identity === statusAt(fileSystem, log)?.identity) continue;
    const readTo = carryOver(fileSystem, link, { withTail: false });
    fileSystem.renameSync(link.path, drainPath(log, { identity: old.identity, readTo }, newSize));
  }
}

/**
 * Appends the late lines of an old file to the log, but for those that were carried over before: a killed drain leaves
 * no other trace than the lines themselves. What stands behind the last newline may go on, and waits until no process
 * writes any more. Gives how far the old file has been read.
 */
function carryOver(fileSystem: FileSystem, link: DrainLink, options: { withTail: boolean }): number {
  const bytes = readFrom(fileSystem, link.path, link.readTo);
  const late = options.withTail ? bytes : bytes.subarray(0, bytes.lastIndexOf("\n") + 1);
  if (late.length === 0) return link.readTo;
  const missing = missingLines(fileSystem, link, late);
  // Begins with a newline of its own: a writer without the lock may add a line, and not yet its end, at this moment, and
  // behind that our first one would not be known again.
  if (missing.length > 0) appendLines(fileSystem, link.log, Buffer.from(`\n${missing.join("\n")}\n`, "latin1"));
  return link.readTo + late.length;
}

/** The late lines of an old file that the log does not have. */
function missingLines(fileSystem: FileSystem, { log, newSize }: DrainLink, late: Buffer): string[] {
  const present = countLines(readFrom(fileSystem, log, newSize));
  return splitLines(late).filter((line) => {
    const count = present.get(line) ?? 0;
    present.set(line, count - 1);
    return count <= 0;
  });
}

/** The old files of logs of one folder, and how many lines of each are still to be carried over. Changes nothing. */
export function lateLines(
  fileSystem: FileSystem,
  logs: readonly string[],
): { link: string; lines: number; isOurs: boolean }[] {
  return leftovers(fileSystem, logs).drains.flatMap((link) => {
    const old = statusAt(fileSystem, link.path);
    if (old === undefined || isTooLarge(link, old)) return [];
    const wasReplaced = old.identity !== statusAt(fileSystem, link.log)?.identity;
    const late = wasReplaced ? readFrom(fileSystem, link.path, link.readTo) : Buffer.alloc(0);
    return [{ link: link.path, lines: missingLines(fileSystem, link, late).length, isOurs: link.isOurs }];
  });
}

/** Lines come late for a moment. So many have not, and holding them could take the machine's memory: the file stays. */
function isTooLarge({ readTo }: DrainLink, old: FileStatus): boolean {
  return old.size - readTo > LARGEST_LATE_BYTES;
}

function readFrom(fileSystem: FileSystem, path: string, from: number): Buffer {
  if (statusAt(fileSystem, path) === undefined) return Buffer.alloc(0);
  return withFile(fileSystem, path, READ, (fd) => readRange(fileSystem, fd, from, statusOf(fileSystem, fd).size));
}

/** Latin-1 gives every byte a character of its own, so that any line comes out as it went in. */
function splitLines(bytes: Buffer): string[] {
  return bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}

function countLines(bytes: Buffer): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of splitLines(bytes)) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
