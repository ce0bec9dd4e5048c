import type { TextHash } from "./hash.ts";

/**
 * Hashes and the places in the log where what they stand for begins, in memory: an open hash table in typed arrays, for
 * a map of a million numbers would take a hundred megabytes. A hash may stand for several places.
 *
 * The slot of a hash is given by its leading bits, so that the table is in the order of the hashes but for what
 * collisions have moved on by a slot or two: sorting it is nearly free.
 */
export class EntryTable {
  #slots = new Slots(4, 64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: TextHash, place: number): void {
    if (this.#size * 4 >= this.#slots.regular * 3) this.#slots = this.#slots.withMoreSlots();
    while (!this.#slots.put(hash.high, hash.low, place + 1)) this.#slots = this.#slots.withMoreOverflow();
    this.#size += 1;
  }

  /**
   * Looks at the slots of hashes that are about to be collected and added. A large table is in none of the processor's
   * caches: it waits hardly longer for many slots that it can ask for at once than for one. Gives how many are taken, for
   * the compiler may leave out a look without a result.
   */
  preload(hashes: readonly TextHash[]): number {
    const { marks } = this.#slots;
    let taken = 0;
    for (const { high } of hashes) if (marks[2 * this.#slots.first(high)] !== 0) taken += 1;
    return taken;
  }

  /** Adds every place of a hash to `found`. */
  collect(hash: TextHash, found: number[]): void {
    const { words, marks } = this.#slots;
    for (let slot = this.#slots.first(hash.high); (marks[2 * slot] ?? 0) !== 0; slot += 1) {
      if (words[4 * slot + 2] === hash.high && words[4 * slot + 3] === hash.low) found.push((marks[2 * slot] ?? 0) - 1);
    }
  }

  /** The entries from a place in the log on, sorted by the high half of their hashes. */
  sorted(fromPlace: number): SortedEntries {
    const { words, marks, count } = this.#slots;
    const highs = new Uint32Array(this.#size);
    const lows = new Uint32Array(this.#size);
    const places = new Float64Array(this.#size);
    let size = 0;
    for (let slot = 0; slot < count; slot += 1) {
      const mark = marks[2 * slot] ?? 0;
      if (mark <= fromPlace) continue;
      const high = words[4 * slot + 2] ?? 0;
      // Insertion sort: what comes is larger than nearly all that came before.
      let at = size;
      for (; at > 0 && (highs[at - 1] ?? 0) > high; at -= 1) {
        highs[at] = highs[at - 1] ?? 0;
        lows[at] = lows[at - 1] ?? 0;
        places[at] = places[at - 1] ?? 0;
      }
      highs[at] = high;
      lows[at] = words[4 * slot + 3] ?? 0;
      places[at] = mark - 1;
      size += 1;
    }
    return { highs: highs.subarray(0, size), lows: lows.subarray(0, size), places: places.subarray(0, size) };
  }
}

/** Entries in columns, in the order of `highs`. */
export interface SortedEntries {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  readonly places: Float64Array;
}

/**
 * The slots of the table, 16 bytes each and so in one cache line: the mark, which is the place plus one and 0 where the
 * slot is free, as a double, then the halves of the hash. Behind the regular slots there is room for what collides with
 * the last of them, so that nothing wraps around to the front and out of order.
 */
class Slots {
  readonly regular: number;
  readonly count: number;
  readonly words: Uint32Array;
  readonly marks: Float64Array;
  readonly #bits: number;
  readonly #overflow: number;

  constructor(bits: number, overflow: number) {
    this.#bits = bits;
    this.#overflow = overflow;
    this.regular = 2 ** bits;
    this.count = this.regular + overflow;
    const bytes = new ArrayBuffer(this.count * 16);
    this.words = new Uint32Array(bytes);
    this.marks = new Float64Array(bytes);
  }

  /** The slot at which to begin to look for a hash. */
  first(high: number): number {
    return high >>> (32 - this.#bits);
  }

  /** Answers whether there was room for it: the last slot of all stays free, to end every search. */
  put(high: number, low: number, mark: number): boolean {
    const { words, marks } = this;
    let slot = this.first(high);
    while (marks[2 * slot] !== 0) slot += 1;
    if (slot >= this.count - 1) return false;
    marks[2 * slot] = mark;
    words[4 * slot + 2] = high;
    words[4 * slot + 3] = low;
    return true;
  }

  withMoreSlots(): Slots {
    return this.#copyTo(new Slots(this.#bits + 1, this.#overflow));
  }

  withMoreOverflow(): Slots {
    return this.#copyTo(this.#widened());
  }

  #copyTo(larger: Slots): Slots {
    for (let slot = 0; slot < this.count; slot += 1) {
      const mark = this.marks[2 * slot] ?? 0;
      if (mark === 0) continue;
      const hasRoom = larger.put(this.words[4 * slot + 2] ?? 0, this.words[4 * slot + 3] ?? 0, mark);
      if (!hasRoom) return this.#copyTo(larger.#widened());
    }
    return larger;
  }

  /** An empty one of the same regular slots, with twice the room behind them. */
  #widened(): Slots {
    return new Slots(this.#bits, 2 * this.#overflow);
  }
}
