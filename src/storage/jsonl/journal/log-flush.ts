import {
  type FileIdentity,
  type FileSystem,
  readRange,
  statusOf,
  UPDATE,
  withFile,
  writeAllAt,
} from "../files/file-system.ts";
import { type AppendedLines, isStillLog, takeBack } from "./append.ts";

const PIECE_BYTES = 1024 * 1024;

/**
 * Brings what was written to one agent's log to the disk. After a flush that failed, the system may take for written what
 * never came there, and the next flush says nothing of it (Rebello et al., "Can Applications Recover from fsync
 * Failures?", USENIX ATC 2020). So what was to be flushed, and could not be taken back, is written once more in its place.
 */
export class LogFlush {
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  /** From where on the log may not be on disk, whatever a flush says. */
  #unsure: { readonly log: FileIdentity; readonly from: number } | undefined;

  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.#path = path;
  }

  /** Comes before either of the others, and before anything is written that they flush. */
  begin(): void {
    const fileSystem = this.#fileSystem;
    const unsure = this.#unsure;
    if (unsure === undefined) return;
    withFile(fileSystem, this.#path, UPDATE, (fd) => {
      const { identity, size } = statusOf(fileSystem, fd);
      if (identity !== unsure.log) return;
      for (let from = unsure.from; from < size; from += PIECE_BYTES) {
        writeAllAt(fileSystem, fd, readRange(fileSystem, fd, from, Math.min(size, from + PIECE_BYTES)), from);
      }
    });
  }

  /**
   * Flushes lines that were just written, while the event loop turns. Answers whether they are in the log. When that fails
   * they are taken back, unless another program has appended behind them.
   */
  async lines(fd: number, appended: AppendedLines): Promise<boolean> {
    const fileSystem = this.#fileSystem;
    const { log, start } = appended;
    return this.#flushing({ log, from: start }, async () => {
      try {
        await fileSystem.fdatasync(fd);
        return isStillLog(fileSystem, this.#path, appended);
      } catch (error) {
        takeBack(fileSystem, fd, appended);
        throw error;
      }
    });
  }

  /** Flushes all that stands in the log, by any writer. */
  async all(fd: number): Promise<void> {
    const log = statusOf(this.#fileSystem, fd).identity;
    return this.#flushing({ log, from: 0 }, () => this.#fileSystem.fdatasync(fd));
  }

  async #flushing<T>(what: { log: FileIdentity; from: number }, flush: () => Promise<T>): Promise<T> {
    const { log, from } = what;
    const before = this.#unsure;
    this.#unsure = { log, from: before?.log === log ? Math.min(before.from, from) : from };
    const result = await flush();
    this.#unsure = undefined;
    return result;
  }
}
