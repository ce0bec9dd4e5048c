import type { TextHash } from "./hash.ts";

/**
 * An immutable file of index entries, sorted by the high half of their hashes: blocks of entries, a Bloom filter, a
 * footer. Every part carries a checksum, so a segment that a power cut or a copy has damaged is noticed and thrown away.
 *
 *     block   ENTRIES_PER_BLOCK x (high u32, low u32, place f64), unused entries zero; crc32 u32, 12 bytes zero
 *     filter  bits, a multiple of 4 bytes
 *     footer  magic u32, version u32, entries u32, filter bytes u32, crc32 of the filter u32, crc32 of the footer u32
 *
 * Numbers are little-endian. Hashes are uniform, so a block is found by interpolation, within a step or two.
 */
export interface SegmentEntry {
  readonly high: number;
  readonly low: number;
  readonly place: number;
}

export const ENTRY_BYTES = 16;
export const BLOCK_BYTES = 4096;
export const ENTRIES_PER_BLOCK = 255;
export const CRC_OFFSET = ENTRIES_PER_BLOCK * ENTRY_BYTES;
export const FOOTER_BYTES = 24;
export const MAGIC = 0x5a4b4958;
export const VERSION = 1;

/** Ten bits and four probes an entry: about 1.2% of absent hashes are looked for in vain (B. H. Bloom, 1970). */
export const FILTER_BITS_PER_ENTRY = 10;
export const FILTER_PROBES = 4;

export function blockCount(entries: number): number {
  return Math.ceil(entries / ENTRIES_PER_BLOCK);
}

/** The filter's bits of a hash, by double hashing (A. Kirsch and M. Mitzenmacher, 2006). */
export function filterBit(filter: Uint8Array, hash: TextHash, probe: number): number {
  const bits = (hash.low + Math.imul(probe, hash.high | 1)) >>> 0;
  return Math.floor(bits * ((filter.length * 8) / 2 ** 32));
}
