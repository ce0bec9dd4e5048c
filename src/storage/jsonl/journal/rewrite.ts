import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import type { OnDone } from "../../store.ts";
import {
  CREATE,
  type FileIdentity,
  type FileSystem,
  modeOf,
  READ,
  readRange,
  removeFile,
  statusAt,
  statusOf,
  syncFolder,
  withFileAsync,
} from "../files/file-system.ts";
import { isWithoutLinks, replacedMeanwhile } from "../files/fs-errors.ts";
import { PieceWriter } from "../files/piece-writer.ts";
import type { HeldLock } from "../lock/lock.ts";
import { advanceDrains, drainPath } from "./late-appends.ts";
import { forEachLine } from "./lines.ts";

/** What becomes of a line: it stays byte for byte, leaves, or is replaced by these bytes. */
export type LineAction = "keep" | "drop" | { readonly replaceBy: Buffer };

const NEWLINE = Buffer.from("\n");

export interface Rewrite {
  readonly fileSystem: FileSystem;
  readonly log: string;
  /** Of the log. Whether it still is ours is looked at last. */
  readonly lock: HeldLock;
  /** Decides about a line; `start` is its offset. Not asked about what stands behind the last newline, which stays. */
  readonly decide: (bytes: Buffer, start: number) => LineAction;
  /** Hands over all lines in another order, and gives the offset behind the last one; left out: as they stand. */
  readonly inOrder?: (fd: number, add: (lines: Buffer) => void) => Promise<number>;
  /** Told from time to time that all lines decided about up to now stand in the new file, which can be read here. */
  readonly onWritten?: (fd: number) => void;
  /** Told with every line how far it has come, but where the lines are put in another order. */
  readonly onProgress?: OnDone | undefined;
  /** Asked once every line has been decided about. Otherwise the log stays as it is. */
  readonly isNeeded?: () => boolean;
  /** Called when all is ready: the last moment to fail. */
  readonly beforeReplacing?: () => void;
}

/**
 * Rewrites a log under its lock. The new file is complete and on disk before it takes the old one's place; the old one
 * keeps a name from which `finishDrains` carries over what writers without the lock add to it. On failure the log
 * stands as it was. Gives whether it was replaced.
 */
export async function rewriteLog(rewrite: Rewrite): Promise<boolean> {
  const { fileSystem, log } = rewrite;
  const temporary = `${log}.rewrite-${randomBytes(6).toString("hex")}`;
  let link: string | undefined;
  try {
    const { readTo, newSize, read } = await writeKept(rewrite, temporary);
    if (!isNeeded(rewrite)) {
      removeFile(fileSystem, temporary);
      return false;
    }
    rewrite.beforeReplacing?.();
    rewrite.lock.confirm();
    // A checkout, or an editor, has put another file there: what came with it is not in ours.
    if (statusAt(fileSystem, log)?.identity !== read) throw replacedMeanwhile(log);
    const secondName = drainPath(log, { identity: read, readTo }, newSize);
    if (linkIfPossible(fileSystem, log, secondName)) link = secondName;
    advanceDrains(fileSystem, log, newSize);
    fileSystem.renameSync(temporary, log);
  } catch (error) {
    removeFile(fileSystem, temporary);
    if (link !== undefined) removeFile(fileSystem, link);
    throw error;
  }
  syncFolder(fileSystem, dirname(log));
  return true;
}

function isNeeded({ isNeeded }: Rewrite): boolean {
  return isNeeded === undefined || isNeeded();
}

/** Without hard links (exFAT, some network shares) late lines of writers without the lock cannot be carried over. */
function linkIfPossible(fileSystem: FileSystem, path: string, secondName: string): boolean {
  try {
    fileSystem.linkSync(path, secondName);
    return true;
  } catch (error) {
    if (isWithoutLinks(error)) return false;
    throw error;
  }
}

async function writeKept(
  rewrite: Rewrite,
  temporary: string,
): Promise<{ readTo: number; newSize: number; read: FileIdentity }> {
  const { fileSystem, log } = rewrite;
  return withFileAsync(fileSystem, log, READ, (oldFd) =>
    withFileAsync(fileSystem, temporary, CREATE, async (newFd) => {
      // Who could read and write the old file can do so with the new one.
      fileSystem.fchmodSync(newFd, modeOf(fileSystem, oldFd));
      const out = new PieceWriter(fileSystem, newFd);
      const flush = () => {
        out.flush();
        rewrite.onWritten?.(newFd);
      };
      const { identity, size } = statusOf(fileSystem, oldFd);
      const addLine = (bytes: Buffer, start: number) => {
        const result = rewrite.decide(bytes, start);
        if (result === "keep") {
          out.add(bytes);
          out.add(NEWLINE);
        } else if (result !== "drop") out.add(result.replaceBy);
        if (out.isDue) flush();
        rewrite.onProgress?.(start + bytes.length, size);
      };
      const readTo =
        rewrite.inOrder === undefined
          ? await forEachLine(fileSystem, oldFd, { from: 0, to: size, areWhole: true }, addLine)
          : await rewrite.inOrder(oldFd, (lines) => out.add(lines));
      out.add(readRange(fileSystem, oldFd, readTo, size));
      flush();
      if (isNeeded(rewrite)) fileSystem.fsyncSync(newFd);
      return { readTo: size, newSize: out.size, read: identity };
    }),
  );
}
