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
    const slots: number[] = [];
    for (const [slot, place] of this.#places.entries()) if (place > fromPlace) slots.push(slot);
    // The high half above, the slot below: one native sort of integers instead of a comparison function.
    const order = new BigUint64Array(slots.length);
    for (const [index, slot] of slots.entries()) order[index] = (BigInt(this.#highs[slot] ?? 0) << 32n) | BigInt(slot);
    order.sort();
    const entries = {
      highs: new Uint32Array(slots.length),
      lows: new Uint32Array(slots.length),
      places: new Float64Array(slots.length),
    };
    for (const [index, packed] of order.entries()) {
      const slot = Number(packed & 0xffffffffn);
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
