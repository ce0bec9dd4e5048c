/** A line that is longer is left out: neither a result nor a message is as long. */
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;

const NEW_LINE = 0x0a;

/** Takes a file in pieces and gives its lines, each once it is whole. A line that is too long is never held. */
export class Lines {
  readonly #take: (line: string) => void;
  /** The beginning of the line under way. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isTooLong = false;

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** The piece may be filled anew afterwards. */
  add(piece: Buffer): void {
    let from = 0;
    for (let end = piece.indexOf(NEW_LINE); end >= 0; end = piece.indexOf(NEW_LINE, from)) {
      this.#endLine(piece.subarray(from, end));
      from = end + 1;
    }
    this.#hold(piece.subarray(from));
  }

  /** The last line may have no end, for the client may be at it. */
  end(): void {
    this.#endLine(Buffer.alloc(0));
  }

  #endLine(rest: Buffer): void {
    const length = this.#heldBytes + rest.length;
    const held = this.#held;
    const isKept = !this.#isTooLong && length > 0 && length <= LONGEST_LINE_BYTES;
    this.#held = [];
    this.#heldBytes = 0;
    this.#isTooLong = false;
    if (isKept) this.#take((held.length === 0 ? rest : Buffer.concat([...held, rest])).toString("utf8"));
  }

  #hold(start: Buffer): void {
    if (start.length === 0) return;
    if (this.#isTooLong || this.#heldBytes + start.length > LONGEST_LINE_BYTES) {
      this.#held = [];
      this.#heldBytes = 0;
      this.#isTooLong = true;
      return;
    }
    this.#held.push(Buffer.from(start));
    this.#heldBytes += start.length;
  }
}
