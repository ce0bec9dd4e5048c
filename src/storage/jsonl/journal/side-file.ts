import { type FileSystem, READ, statusOf, withFileAsync } from "../files/file-system.ts";
import { forEachLine, type UseLine } from "./lines.ts";

/**
 * Reads a file that stands beside the log, and need not be there: then there is no descriptor to give. A link, or
 * anything else that is no plain file, is not followed; it counts as one damaged line, and keeps nothing else from being read.
 */
export async function withSideFile<T>(
  fileSystem: FileSystem,
  path: string,
  use: (fd: number | undefined, damagedLines: 0 | 1) => Promise<T>,
): Promise<T> {
  const stats = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return withFileAsync(fileSystem, path, READ, (fd) => use(fd, 0));
  return use(undefined, stats === undefined ? 0 : 1);
}

/** Every whole line of a file beside the log, which need not be there. */
export async function forEachLineIfThere(fileSystem: FileSystem, path: string, useLine: UseLine): Promise<void> {
  await withSideFile(fileSystem, path, async (fd) => {
    if (fd !== undefined) await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, useLine);
  });
}
