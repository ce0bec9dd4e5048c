import { type FileSystem, READ, withFileAsync } from "../files/file-system.ts";

/**
 * Reads a file that stands beside the log, and need not be there: then there is no descriptor to give. A link, or
 * whatever else is no plain file, is not followed; it counts as one damaged line, and keeps nothing else from being read.
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
