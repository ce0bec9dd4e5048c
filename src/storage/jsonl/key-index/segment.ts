import { crc32 } from "node:zlib";
import { type FileSystem, READ, readRange, statusOf, withFile } from "../files/file-system.ts";
import { isUnsafePath, Unreadable } from "../files/fs-errors.ts";
import type { TextHash } from "./hash.ts";
import {
  BLOCK_BYTES,
  blockCount,
  CRC_OFFSET,
  ENTRIES_PER_BLOCK,
  ENTRY_BYTES,
  FILTER_PROBES,
  FOOTER_BYTES,
  filterBit,
  MAGIC,
  type SegmentEntry,
  VERSION,
} from "./segment-format.ts";
import { writeSegment } from "./segment-writer.ts";

/** For some fifty million entries. The filter is held in memory. */
const LARGEST_FILTER_BYTES = 64 * 1024 * 1024;

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

  /** Opens a segment by reading its filter. Fails with `DamagedSegment` if it is not what was written. */
  static open(fileSystem: FileSystem, path: string): Segment {
    try {
      return Segment.#open(fileSystem, path);
    } catch (error) {
      if (isUnsafePath(error)) throw new DamagedSegment(`${path} is no plain file`);
      if (error instanceof Unreadable) throw new DamagedSegment(`${path} may not be read`);
      throw error;
    }
  }

  static #open(fileSystem: FileSystem, path: string): Segment {
    return withFile(fileSystem, path, READ, (fd) => {
      const { size } = statusOf(fileSystem, fd);
      const footer = readRange(fileSystem, fd, Math.max(0, size - FOOTER_BYTES), size);
      if (footer.length < FOOTER_BYTES || footer.readUInt32LE(20) !== crc32(footer.subarray(0, 20))) {
        throw new DamagedSegment(`${path} has no valid footer`);
      }
      const [entries, filterBytes] = [footer.readUInt32LE(8), footer.readUInt32LE(12)];
      const filterStart = blockCount(entries) * BLOCK_BYTES;
      const isWhole =
        footer.readUInt32LE(0) === MAGIC &&
        footer.readUInt32LE(4) === VERSION &&
        filterBytes <= LARGEST_FILTER_BYTES &&
        size === filterStart + filterBytes + FOOTER_BYTES;
      const filter = isWhole ? readRange(fileSystem, fd, filterStart, filterStart + filterBytes) : undefined;
      if (filter === undefined || crc32(filter) !== footer.readUInt32LE(16))
        throw new DamagedSegment(`${path} is damaged`);
      return new Segment(fileSystem, path, entries, filter);
    });
  }

  /** Writes entries that come sorted by `high`; `count` says how many. Gives the segment back, opened. */
  static write(fileSystem: FileSystem, path: string, count: number, entries: Iterable<SegmentEntry>): Segment {
    return new Segment(fileSystem, path, count, writeSegment(fileSystem, path, count, entries));
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
