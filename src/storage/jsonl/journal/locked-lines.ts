import { replaceFileBy } from "../files/atomic-file.ts";
import {
  CREATE,
  type FileSystem,
  modeOf,
  READ,
  readRange,
  removeFile,
  statusAt,
  statusOf,
  withFile,
  withFileIfThere,
} from "../files/file-system.ts";
import { PieceWriter } from "../files/piece-writer.ts";
import { appendLines } from "./append.ts";
import { forEachLine, type UseLine } from "./lines.ts";
import { withSideFile } from "./side-file.ts";

// Files of lines that nobody writes to without the agent's lock: unlike the log, their format is ours alone. So an append
// meets no other writer, and to take lines out it is enough to replace the file.

const NEWLINE = Buffer.from("\n");

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

/**
 * Keeps some lines, byte for byte; the others are gone for good. Gives how many. Reads the file twice where any leave, and
 * holds little of it. The caller holds the lock, and `beforeReplacing`, the last moment to fail, makes sure of that.
 */
export async function keepLines(
  fileSystem: FileSystem,
  path: string,
  isKept: (line: Buffer) => boolean,
  beforeReplacing: () => void,
): Promise<number> {
  return withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd === undefined) return 0;
    const { size } = statusOf(fileSystem, fd);
    let dropped = 0;
    await forEachLine(fileSystem, fd, { from: 0, to: size }, (line) => {
      if (!isKept(line)) dropped += 1;
    });
    if (dropped === 0) return 0;
    await replaceFileBy(fileSystem, path, async (newFd) => {
      fileSystem.fchmodSync(newFd, modeOf(fileSystem, fd));
      const out = new PieceWriter(fileSystem, newFd);
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size, areWhole: true }, (line) => {
        if (!isKept(line)) return;
        out.add(line);
        out.add(NEWLINE);
      });
      out.add(readRange(fileSystem, fd, end, size));
      out.flush();
      beforeReplacing();
    });
    return dropped;
  });
}

/** Every whole line of a file beside the log, which need not be there. */
export async function forEachLineIfThere(fileSystem: FileSystem, path: string, useLine: UseLine): Promise<void> {
  await withSideFile(fileSystem, path, async (fd) => {
    if (fd !== undefined) await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, useLine);
  });
}
