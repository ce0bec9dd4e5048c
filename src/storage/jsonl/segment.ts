import { crc32 } from "node:zlib";
import { CREATE, type FileSystem, READ, readRange, statusOf, withFile, writeAll } from "./file-system.ts";
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

const ENTRY_BYTES = 16;
const BLOCK_BYTES = 4096;
const ENTRIES_PER_BLOCK = 255;
const CRC_OFFSET = ENTRIES_PER_BLOCK * ENTRY_BYTES;
const FOOTER_BYTES = 24;
const MAGIC = 0x5a4b4958;
const VERSION = 1;

/** Ten bits and four probes an entry: about 1.2% of absent hashes are looked for in vain (B. H. Bloom, 1970). */
const FILTER_BITS_PER_ENTRY = 10;
const FILTER_PROBES = 4;

/** What is wrong with a segment. The index is rebuilt from the log. */
export class DamagedSegment extends Error {}

export class Segment {
  readonly path: string;
  readonly entries: number;
  readonly #fileSystem: FileSystem;
  readonly #filter: Uint8Array;

  private constructor(fileSystem: FileSystem, path: string, entries: number, filter: Uint8Array) {
    this.#fileSystem = fileSystem;
    this.path = path;
    this.entries = entries;
    this.#filter = filter;
  }

  /** Opens a segment by reading its filter. Fails with `DamagedSegment` where it is not what was written. */
  static open(fileSystem: FileSystem, path: string): Segment {
    return withFile(fileSystem, path, READ, (fd) => {
      const { size } = statusOf(fileSystem, fd);
      const footer = readRange(fileSystem, fd, Math.max(0, size - FOOTER_BYTES), size);
      if (footer.length < FOOTER_BYTES || footer.readUInt32LE(20) !== crc32(footer.subarray(0, 20))) {
        throw new DamagedSegment(`${path} has no valid footer`);
      }
      const [entries, filterBytes] = [footer.readUInt32LE(8), footer.readUInt32LE(12)];
      const filterStart = blockCount(entries) * BLOCK_BYTES;
      const filter = readRange(fileSystem, fd, filterStart, filterStart + filterBytes);
      const valid =
        footer.readUInt32LE(0) === MAGIC &&
        footer.readUInt32LE(4) === VERSION &&
        size === filterStart + filterBytes + FOOTER_BYTES &&
        crc32(filter) === footer.readUInt32LE(16);
      if (!valid) throw new DamagedSegment(`${path} is damaged`);
      return new Segment(fileSystem, path, entries, filter);
    });
  }

  /** Writes entries that come sorted by `high`; `count` says how many. Gives the segment back, opened. */
  static write(fileSystem: FileSystem, path: string, count: number, entries: Iterable<SegmentEntry>): Segment {
    const filter = new Uint8Array(Math.max(4, Math.ceil((count * FILTER_BITS_PER_ENTRY) / 32) * 4));
    withFile(fileSystem, path, CREATE, (fd) => {
      const block = Buffer.alloc(BLOCK_BYTES);
      let filled = 0;
      for (const entry of entries) {
        block.writeUInt32LE(entry.high, filled * ENTRY_BYTES);
        block.writeUInt32LE(entry.low, filled * ENTRY_BYTES + 4);
        block.writeDoubleLE(entry.place, filled * ENTRY_BYTES + 8);
        for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
          const bit = filterBit(filter, entry, probe);
          filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
        }
        filled += 1;
        if (filled === ENTRIES_PER_BLOCK) filled = writeBlock(fileSystem, fd, block);
      }
      if (filled > 0) writeBlock(fileSystem, fd, block);
      writeAll(fileSystem, fd, Buffer.from(filter.buffer));
      writeAll(fileSystem, fd, encodeFooter(count, filter));
    });
    return new Segment(fileSystem, path, count, filter);
  }

  /** Adds every place of a hash to `found`. */
  collect(hash: TextHash, found: number[]): void {
    if (!this.#mayHold(hash)) return;
    withFile(this.#fileSystem, this.path, READ, (fd) => {
      const blocks = blockCount(this.entries);
      let index = Math.min(blocks - 1, Math.floor((hash.high / 2 ** 32) * blocks));
      // Back to the first block that can hold the hash, then on while blocks still begin at or before it.
      while (index > 0 && this.#highAt(fd, index * ENTRIES_PER_BLOCK) >= hash.high) index -= 1;
      for (; index < blocks; index += 1) {
        const block = this.#block(fd, index);
        if (block.readUInt32LE(0) > hash.high) return;
        for (let entry = 0; entry < this.#entriesOf(index); entry += 1) {
          const offset = entry * ENTRY_BYTES;
          if (block.readUInt32LE(offset) !== hash.high || block.readUInt32LE(offset + 4) !== hash.low) continue;
          found.push(block.readDoubleLE(offset + 8));
        }
      }
    });
  }

  /** Every entry in order, a block at a time. */
  *all(): Generator<SegmentEntry> {
    for (let index = 0; index < blockCount(this.entries); index += 1) {
      const block = withFile(this.#fileSystem, this.path, READ, (fd) => this.#block(fd, index));
      for (let entry = 0; entry < this.#entriesOf(index); entry += 1) {
        const offset = entry * ENTRY_BYTES;
        yield {
          high: block.readUInt32LE(offset),
          low: block.readUInt32LE(offset + 4),
          place: block.readDoubleLE(offset + 8),
        };
      }
    }
  }

  #mayHold(hash: TextHash): boolean {
    for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
      const bit = filterBit(this.#filter, hash, probe);
      if (((this.#filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  #block(fd: number, index: number): Buffer {
    const block = readRange(this.#fileSystem, fd, index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
    if (block.length < BLOCK_BYTES || crc32(block.subarray(0, CRC_OFFSET)) !== block.readUInt32LE(CRC_OFFSET)) {
      throw new DamagedSegment(`${this.path} has a damaged block`);
    }
    return block;
  }

  #highAt(fd: number, entry: number): number {
    return this.#block(fd, Math.floor(entry / ENTRIES_PER_BLOCK)).readUInt32LE(0);
  }

  #entriesOf(block: number): number {
    return Math.min(ENTRIES_PER_BLOCK, this.entries - block * ENTRIES_PER_BLOCK);
  }
}

function blockCount(entries: number): number {
  return Math.ceil(entries / ENTRIES_PER_BLOCK);
}

/** Writes a block with its checksum, and empties it for the next one. */
function writeBlock(fileSystem: FileSystem, fd: number, block: Buffer): 0 {
  block.writeUInt32LE(crc32(block.subarray(0, CRC_OFFSET)), CRC_OFFSET);
  writeAll(fileSystem, fd, block);
  block.fill(0);
  return 0;
}

function encodeFooter(entries: number, filter: Uint8Array): Buffer {
  const footer = Buffer.alloc(FOOTER_BYTES);
  for (const [index, value] of [MAGIC, VERSION, entries, filter.length, crc32(filter)].entries()) {
    footer.writeUInt32LE(value, index * 4);
  }
  footer.writeUInt32LE(crc32(footer.subarray(0, 20)), 20);
  return footer;
}

/** The filter's bits of a hash, by double hashing (A. Kirsch and M. Mitzenmacher, 2006). */
function filterBit(filter: Uint8Array, hash: TextHash, probe: number): number {
  const bits = (hash.low + Math.imul(probe, hash.high | 1)) >>> 0;
  return Math.floor(bits * ((filter.length * 8) / 2 ** 32));
}
