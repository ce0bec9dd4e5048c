import { type FileSystem, readRange, statusOf } from "./file-system.ts";

/** Several times what a client can send as one report. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The text of an open report; none of one that is larger than any. */
export function readAnalysisText(fileSystem: FileSystem, fd: number): string {
  const { size } = statusOf(fileSystem, fd);
  return size > LARGEST_BYTES ? "" : readRange(fileSystem, fd, 0, size).toString("utf8");
}
