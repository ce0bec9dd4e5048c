import type { TextHash } from "./hash.ts";

/**
 * Hashes and the places in the log where what they stand for begins, in memory: an open hash table in typed arrays, at
 * 16 bytes a slot, for a map of a million numbers would take a hundred megabytes. A hash may stand for several places.
 */
export class EntryTable {
  #slots = new Slots(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: TextHash, place: number): void {
    if (this.#size * 2 >= this.#slots.count) this.#slots = this.#slots.doubled();
    this.#slots.put(hash.high, hash.low, place + 1);
    this.#size += 1;
  }

  /** Adds every place of a hash to `found`. */
  collect(hash: TextHash, found: number[]): void {
    const { words, marks, count } = this.#slots;
    for (let slot = hash.low & (count - 1); marks[2 * slot] !== 0; slot = (slot + 1) & (count - 1)) {
      if (words[4 * slot + 2] === hash.high && words[4 * slot + 3] === hash.low) found.push((marks[2 * slot] ?? 0) - 1);
    }
  }

  /** The entries from a place in the log on, sorted by the high half of their hashes. */
  sorted(fromPlace: number): SortedEntries {
    const { words, marks, count } = this.#slots;
    let order = new Uint32Array(this.#size);
    let taken = 0;
    for (let slot = 0; slot < count; slot += 1) if ((marks[2 * slot] ?? 0) > fromPlace) order[taken++] = slot;
    order = order.subarray(0, taken);
    for (const shift of [0, 16]) order = sortByDigit(order, (slot) => ((words[4 * slot + 2] ?? 0) >>> shift) & 0xffff);
    const entries = { highs: new Uint32Array(taken), lows: new Uint32Array(taken), places: new Float64Array(taken) };
    for (let index = 0; index < taken; index += 1) {
      const slot = order[index] ?? 0;
      entries.highs[index] = words[4 * slot + 2] ?? 0;
      entries.lows[index] = words[4 * slot + 3] ?? 0;
      entries.places[index] = (marks[2 * slot] ?? 0) - 1;
    }
    return entries;
  }
}

/**
 * The slots of the table, 16 bytes each and so in one cache line: the mark, which is the place plus one and 0 where the
 * slot is free, as a double, then the halves of the hash.
 */
class Slots {
  readonly count: number;
  readonly words: Uint32Array;
  readonly marks: Float64Array;

  constructor(count: number) {
    const bytes = new ArrayBuffer(count * 16);
    this.count = count;
    this.words = new Uint32Array(bytes);
    this.marks = new Float64Array(bytes);
  }

  put(high: number, low: number, mark: number): void {
    const { words, marks } = this;
    let slot = low & (this.count - 1);
    while (marks[2 * slot] !== 0) slot = (slot + 1) & (this.count - 1);
    marks[2 * slot] = mark;
    words[4 * slot + 2] = high;
    words[4 * slot + 3] = low;
  }

  doubled(): Slots {
    const larger = new Slots(2 * this.count);
    for (let slot = 0; slot < this.count; slot += 1) {
      const mark = this.marks[2 * slot] ?? 0;
      if (mark !== 0) larger.put(this.words[4 * slot + 2] ?? 0, this.words[4 * slot + 3] ?? 0, mark);
    }
    return larger;
  }
}

/** Entries in columns, in the order of `highs`. */
export interface SortedEntries {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  readonly places: Float64Array;
}

/** One pass of a radix sort: slots in the order of a digit of 16 bits, equal ones in the order that they came in. */
function sortByDigit(slots: Uint32Array<ArrayBuffer>, digitOf: (slot: number) => number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(0x10001);
  for (let index = 0; index < slots.length; index += 1) {
    const above = digitOf(slots[index] ?? 0) + 1;
    next[above] = (next[above] ?? 0) + 1;
  }
  for (let digit = 1; digit < next.length; digit += 1) next[digit] = (next[digit] ?? 0) + (next[digit - 1] ?? 0);
  const sorted = new Uint32Array(slots.length);
  for (let index = 0; index < slots.length; index += 1) {
    const slot = slots[index] ?? 0;
    const digit = digitOf(slot);
    const place = next[digit] ?? 0;
    sorted[place] = slot;
    next[digit] = place + 1;
  }
  return sorted;
}
