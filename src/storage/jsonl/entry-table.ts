import type { TextHash } from "./hash.ts";

/**
 * Hashes and the places in the log where what they stand for begins, in memory: an open hash table in typed arrays, at
 * 16 bytes a slot, for a map of a million numbers would take a hundred megabytes. A hash may stand for several places.
 */
export class EntryTable {
  #highs = new Uint32Array(16);
  #lows = new Uint32Array(16);
  /** The place plus one: 0 marks a free slot. */
  #places = new Float64Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: TextHash, place: number): void {
    if (this.#size * 2 >= this.#places.length) this.#grow();
    this.#put(hash.high, hash.low, place);
    this.#size += 1;
  }

  /** Adds every place of a hash to `found`. */
  collect(hash: TextHash, found: number[]): void {
    const mask = this.#places.length - 1;
    for (let slot = hash.low & mask; this.#places[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#highs[slot] === hash.high && this.#lows[slot] === hash.low) found.push((this.#places[slot] ?? 0) - 1);
    }
  }

  /** The entries from a place in the log on, sorted by the high half of their hashes. */
  sorted(fromPlace: number): SortedEntries {
    let slots = new Uint32Array(this.#size);
    let count = 0;
    for (let slot = 0; slot < this.#places.length; slot += 1) {
      if ((this.#places[slot] ?? 0) > fromPlace) slots[count++] = slot;
    }
    slots = slots.subarray(0, count);
    for (const shift of [0, 16]) slots = sortByDigit(slots, this.#highs, shift);
    const entries = {
      highs: new Uint32Array(count),
      lows: new Uint32Array(count),
      places: new Float64Array(count),
    };
    for (let index = 0; index < count; index += 1) {
      const slot = slots[index] ?? 0;
      entries.highs[index] = this.#highs[slot] ?? 0;
      entries.lows[index] = this.#lows[slot] ?? 0;
      entries.places[index] = (this.#places[slot] ?? 0) - 1;
    }
    return entries;
  }

  #put(high: number, low: number, place: number): void {
    const mask = this.#places.length - 1;
    let slot = low & mask;
    while (this.#places[slot] !== 0) slot = (slot + 1) & mask;
    this.#highs[slot] = high;
    this.#lows[slot] = low;
    this.#places[slot] = place + 1;
  }

  #grow(): void {
    const [highs, lows, places] = [this.#highs, this.#lows, this.#places];
    const slots = places.length * 2;
    this.#highs = new Uint32Array(slots);
    this.#lows = new Uint32Array(slots);
    this.#places = new Float64Array(slots);
    for (let slot = 0; slot < places.length; slot += 1) {
      const place = places[slot] ?? 0;
      if (place !== 0) this.#put(highs[slot] ?? 0, lows[slot] ?? 0, place - 1);
    }
  }
}

/** Entries in columns, in the order of `highs`. */
export interface SortedEntries {
  readonly highs: Uint32Array;
  readonly lows: Uint32Array;
  readonly places: Float64Array;
}

/** One pass of a radix sort: slots in the order of 16 bits of their keys, equal ones in the order that they came in. */
function sortByDigit(slots: Uint32Array<ArrayBuffer>, keys: Uint32Array, shift: number): Uint32Array<ArrayBuffer> {
  const digitOf = (slot: number) => ((keys[slot] ?? 0) >>> shift) & 0xffff;
  const next = new Uint32Array(0x10001);
  for (const slot of slots) next[digitOf(slot) + 1] = (next[digitOf(slot) + 1] ?? 0) + 1;
  for (let digit = 1; digit < next.length; digit += 1) next[digit] = (next[digit] ?? 0) + (next[digit - 1] ?? 0);
  const sorted = new Uint32Array(slots.length);
  for (const slot of slots) {
    const digit = digitOf(slot);
    const place = next[digit] ?? 0;
    sorted[place] = slot;
    next[digit] = place + 1;
  }
  return sorted;
}
