import { basename } from "node:path";
import type { DamagedLine } from "../../store.ts";
import {
  CREATE,
  type FileSystem,
  modeOf,
  READ,
  removeFile,
  statusAt,
  statusOf,
  withFile,
} from "../files/file-system.ts";
import { appendLines } from "./append.ts";
import { forEachLine, type UseLine } from "./lines.ts";
import { withSideFile } from "./side-file.ts";

/**
 * Appends lines, flushed. Where that fails, no empty file is left in the place of none. A new file is for the same people
 * to read as another that is there, where one is named. The caller holds the lock.
 */
export function appendLockedLines(fileSystem: FileSystem, path: string, lines: Buffer, like?: string): void {
  const wasThere = statusAt(fileSystem, path) !== undefined;
  try {
    if (!wasThere && like !== undefined) {
      const mode = withFile(fileSystem, like, READ, (fd) => modeOf(fileSystem, fd));
      withFile(fileSystem, path, CREATE, (fd) => fileSystem.fchmodSync(fd, mode));
    }
    appendLines(fileSystem, path, lines);
  } catch (error) {
    if (!wasThere && statusAt(fileSystem, path)?.size === 0) removeFile(fileSystem, path);
    throw error;
  }
}

/** Every whole line of a file beside the log, which need not be there. */
export async function forEachLineIfThere(fileSystem: FileSystem, path: string, useLine: UseLine): Promise<void> {
  await withSideFile(fileSystem, path, async (fd) => {
    if (fd !== undefined) await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, useLine);
  });
}

/** Every line in which nothing can be read. */
export async function damagedLinesOf(
  fileSystem: FileSystem,
  path: string,
  isReadable: (line: Buffer) => boolean,
  reason: string,
): Promise<DamagedLine[]> {
  const damaged: DamagedLine[] = [];
  const file = basename(path);
  let line = 0;
  await forEachLineIfThere(fileSystem, path, (bytes, offset) => {
    line += 1;
    if (!isReadable(bytes)) damaged.push({ file, line, offset, reason, lost: true });
  });
  return damaged;
}
