import { type FileSystem, statusAt } from "../files/file-system.ts";

/** A log is read once for its lines, and once for what they say together. */
const READINGS = 2;

export interface CountingReads {
  readonly fileSystem: FileSystem;
  /** From here on a log is read: tells how many of so many bytes are done. */
  begin(onRead: (done: number, total: number) => void, log: string): void;
}

/** The same file system, that tells how far reading has come. */
export function countingReads(fileSystem: FileSystem): CountingReads {
  let tell: (count: number) => void = () => {};
  const readSync = (fd: number, buffer: NodeJS.ArrayBufferView, offset: number, length: number, position: number) => {
    const count = fileSystem.readSync(fd, buffer, offset, length, position);
    tell(count);
    return count;
  };
  return {
    // Asked for anything else, it asks the one that it was made from. The store reads in no other form.
    fileSystem: Object.create(fileSystem, { readSync: { value: readSync } }),
    begin(onRead, log) {
      const total = statusAt(fileSystem, log)?.size ?? 0;
      let done = 0;
      tell = (count) => {
        done += count;
        onRead(Math.min(Math.floor(done / READINGS), total), total);
      };
    },
  };
}
