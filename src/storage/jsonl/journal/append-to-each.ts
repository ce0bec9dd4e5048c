import { APPEND, type FileSystem, removeFile, statusAt, statusOf, withFile } from "../files/file-system.ts";
import { appendLockedLines } from "./locked-lines.ts";

export interface Addition {
  readonly path: string;
  /** Whole lines; none where there is nothing to add. */
  readonly lines: Buffer;
}

/**
 * Appends to several files, in their order, to all of them or to none, and gives what takes it back once more has failed.
 * The caller holds their lock. A file that somebody else has appended to meanwhile keeps our lines.
 */
export function appendToEach(fileSystem: FileSystem, additions: readonly Addition[]): () => void {
  const undo: (() => void)[] = [];
  const takeBack = () => {
    for (const step of undo.reverse()) step();
  };
  try {
    for (const { lines, path } of additions) {
      if (lines.length === 0) continue;
      const before = statusAt(fileSystem, path)?.size;
      appendLockedLines(fileSystem, path, lines);
      undo.push(() => cutOff(fileSystem, path, lines, before));
    }
  } catch (error) {
    takeBack();
    throw error;
  }
  return takeBack;
}

/** Cuts lines off where they are the last ones, and nothing but a newline before them came with them. */
function cutOff(fileSystem: FileSystem, path: string, lines: Buffer, before: number | undefined): void {
  try {
    const start = before ?? 0;
    const isCut = withFile(fileSystem, path, APPEND, (fd) => {
      const added = statusOf(fileSystem, fd).size - start;
      if (added !== lines.length && added !== lines.length + 1) return false;
      fileSystem.ftruncateSync(fd, start);
      return true;
    });
    if (isCut && before === undefined) removeFile(fileSystem, path);
  } catch {
    // The first error is the one to report; what stands there is whole.
  }
}
