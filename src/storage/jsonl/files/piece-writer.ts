import { type FileSystem, writeAll } from "./file-system.ts";

/** Large enough that the calls do not count, and little for those who keep what was written in mind until it is. */
const BUFFER_BYTES = 256 * 1024;

/** Collects small pieces into large writes to a new file. */
export class PieceWriter {
  readonly #fileSystem: FileSystem;
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #filled = 0;
  /** How much was added. */
  size = 0;

  constructor(fileSystem: FileSystem, fd: number) {
    this.#fileSystem = fileSystem;
    this.#fd = fd;
  }

  /** Takes the bytes over at once: those of a line are only good until the next one is read. */
  add(bytes: Buffer): void {
    this.size += bytes.length;
    for (let taken = 0; taken < bytes.length; ) {
      if (this.#filled === BUFFER_BYTES) this.flush();
      const count = bytes.copy(this.#buffer, this.#filled, taken);
      this.#filled += count;
      taken += count;
    }
  }

  /** Whether a large write has come together. */
  get isDue(): boolean {
    return this.#filled >= BUFFER_BYTES / 2;
  }

  flush(): void {
    writeAll(this.#fileSystem, this.#fd, this.#buffer.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
