/** Takes what a program prints. Answers whether it may print more. */
export interface Output {
  take(chunk: Buffer): boolean;
}

/** Keeps all, and ends a program that prints more than `maxBytes`. */
export class WholeOutput implements Output {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  take(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) return false;
    this.#chunks.push(chunk);
    return true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

/** Keeps the last `maxBytes`, however much is printed. */
export class LastOutput implements Output {
  readonly #maxBytes: number;
  #last = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  take(chunk: Buffer): boolean {
    this.#last = Buffer.concat([this.#last, chunk]).subarray(-this.#maxBytes);
    return true;
  }

  text(): string {
    return this.#last.toString("utf8");
  }
}
