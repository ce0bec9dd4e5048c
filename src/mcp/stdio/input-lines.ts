/** Takes lines out of the pieces in which input arrives, and no more of one line into memory than is allowed. */
export class InputLines {
  readonly #maxBytes: number;
  /** The pieces of a line whose end has not arrived. */
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Gives each line that ends in this piece; `undefined` in place of one that is too long. */
  *add(chunk: Buffer): Generator<string | undefined> {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      yield this.#keep(chunk.subarray(start, end)) ? this.#take() : undefined;
      start = end + 1;
    }
    if (!this.#keep(chunk.subarray(start))) yield undefined;
  }

  /** The last line, if the input ended without the mark of its end. */
  rest(): string | undefined {
    return this.#pieces.length === 0 ? undefined : this.#take();
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }

  #keep(piece: Buffer): boolean {
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxBytes) return false;
    this.#pieces.push(piece);
    return true;
  }

  #take(): string {
    // A decoder of its own for each line also takes off a byte order mark, which some shells put first.
    const line = new TextDecoder().decode(Buffer.concat(this.#pieces)).trim();
    this.clear();
    return line;
  }
}
