import type { RequestId } from "@modelcontextprotocol/sdk/types.js";

/** The requests that have been handed on and not been answered. A client may give two of them the same id. */
export class UnderWay {
  readonly #counts = new Map<RequestId, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  has(id: RequestId): boolean {
    return this.#counts.has(id);
  }

  add(id: RequestId): void {
    this.#count += 1;
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** Harmless if there is no such request. */
  finish(id: RequestId): void {
    const count = this.#counts.get(id);
    if (count === undefined) return;
    this.#count -= 1;
    if (count === 1) this.#counts.delete(id);
    else this.#counts.set(id, count - 1);
  }
}
