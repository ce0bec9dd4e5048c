import type { OnDone } from "../../store.ts";
import { type FileSystem, READ, statusOf, withFileIfThere } from "../files/file-system.ts";
import { stableRead } from "../files/stable-read.ts";
import type { HeldLock } from "../lock/lock.ts";
import { appendLines, endLastLine, hasTornLine } from "./append.ts";
import { BatchingWriter } from "./batching-writer.ts";
import { forEachLine } from "./lines.ts";
import { type LineAction, rewriteLog } from "./rewrite.ts";

/** What a repair does with a line. */
export interface Judgement {
  readonly result: LineAction;
  /** Whether something in it cannot be read: then the line is set aside as it stands before it leaves. */
  readonly isLost: boolean;
}

/** For a file of which a line can be read as a whole, or leaves. */
export function unless(isReadable: (line: Buffer) => boolean): (line: Buffer) => Judgement {
  return (line) => (isReadable(line) ? { result: "keep", isLost: false } : { result: "drop", isLost: true });
}

export interface SettingAside {
  readonly fileSystem: FileSystem;
  readonly path: string;
  readonly quarantine: string;
  readonly judge: (line: Buffer) => Judgement;
  readonly lock: HeldLock;
  readonly onProgress?: OnDone | undefined;
}

/**
 * Moves what cannot be read in a file of lines to its quarantine, byte for byte. Others may append to a log meanwhile,
 * without the lock that the caller holds, and by hand to any file: what they add late is for `finishDrains` to carry over.
 *
 * First into the quarantine, then out of the file: a crash in between leaves it in both, and loses nothing.
 */
export async function moveToQuarantine(options: SettingAside): Promise<{ quarantined: number; mended: number }> {
  const { fileSystem, lock, onProgress, path } = options;
  // A writer that knows no lock may still be at a last line without its newline. At rest, it was torn by a crash.
  await stableRead(options, [path], async () => (hasTornLine(fileSystem, path) ? [path] : []));
  endLastLine(fileSystem, path);
  const counts = { quarantined: 0, mended: 0 };
  if (!(await needsRepair(options))) return counts;
  const quarantine = new BatchingWriter((lines) => appendLines(fileSystem, options.quarantine, lines, path));
  await rewriteLog({
    fileSystem,
    log: path,
    lock,
    // Judged again, line by line: more may have come since the first look.
    decide: (line) => {
      const { result, isLost } = options.judge(line);
      if (isLost) {
        quarantine.add(line);
        counts.quarantined += 1;
      } else if (result !== "keep") counts.mended += 1;
      return result;
    },
    onProgress: (done, total) => onProgress?.(Math.floor((total + done) / 2), total),
    beforeReplacing: () => quarantine.end(),
  });
  return counts;
}

async function needsRepair({ fileSystem, judge, onProgress, path }: SettingAside): Promise<boolean> {
  let isNeeded = false;
  await withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd === undefined) return;
    const { size } = statusOf(fileSystem, fd);
    await forEachLine(fileSystem, fd, { from: 0, to: size }, (line, start) => {
      isNeeded ||= judge(line).result !== "keep";
      // The first half: it is read once more if there is anything to do.
      onProgress?.(Math.floor((start + line.length) / 2), size);
    });
  });
  return isNeeded;
}
