/** So much is collected before it is handed over. */
const HANDED_OVER_BYTES = 1024 * 1024;
const NEWLINE = Buffer.from("\n");

/** Hands lines over, several at a time, and holds no more of them than that. */
export class BatchingWriter {
  readonly #use: (lines: Buffer) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(use: (lines: Buffer) => void) {
    this.#use = use;
  }

  /** A line without its newline, whose bytes need not be good any longer. */
  add(line: Buffer): void {
    this.#pieces.push(Buffer.concat([line, NEWLINE]));
    this.#bytes += line.length;
    if (this.#bytes >= HANDED_OVER_BYTES) this.end();
  }

  /** Hands over what is left. */
  end(): void {
    if (this.#pieces.length > 0) this.#use(Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#bytes = 0;
  }
}
