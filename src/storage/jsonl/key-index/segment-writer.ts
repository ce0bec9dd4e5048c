import { crc32 } from "node:zlib";
import { CREATE, type FileSystem, withFile, writeAll } from "../files/file-system.ts";
import {
  BLOCK_BYTES,
  CRC_OFFSET,
  ENTRIES_PER_BLOCK,
  ENTRY_BYTES,
  FILTER_BITS_PER_ENTRY,
  FILTER_PROBES,
  FOOTER_BYTES,
  filterBit,
  MAGIC,
  type SegmentEntry,
  VERSION,
} from "./segment-format.ts";

/** A call for each block would take longer than filling it. */
const BLOCKS_AT_ONCE = 16;

/** Writes a segment of entries that come sorted by `high`; `count` says how many. Gives its filter. */
export function writeSegment(
  fileSystem: FileSystem,
  path: string,
  count: number,
  entries: Iterable<SegmentEntry>,
): Uint8Array {
  const filter = new Uint8Array(Math.max(4, Math.ceil((count * FILTER_BITS_PER_ENTRY) / 32) * 4));
  withFile(fileSystem, path, CREATE, (fd) => {
    const blocks = new BlockWriter(fileSystem, fd);
    for (const entry of entries) {
      blocks.add(entry);
      for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
        const bit = filterBit(filter, entry, probe);
        filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
      }
    }
    blocks.end();
    writeAll(fileSystem, fd, Buffer.from(filter.buffer));
    writeAll(fileSystem, fd, encodeFooter(count, filter));
  });
  return filter;
}

/** Writes entries in blocks, and several blocks at once. */
class BlockWriter {
  readonly #fileSystem: FileSystem;
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(BLOCKS_AT_ONCE * BLOCK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
  /** Where the block begins that is being filled, and how many entries it has. */
  #block = 0;
  #entries = 0;

  constructor(fileSystem: FileSystem, fd: number) {
    this.#fileSystem = fileSystem;
    this.#fd = fd;
  }

  add({ high, low, place }: SegmentEntry): void {
    const offset = this.#block + this.#entries * ENTRY_BYTES;
    this.#view.setUint32(offset, high, true);
    this.#view.setUint32(offset + 4, low, true);
    this.#view.setFloat64(offset + 8, place, true);
    this.#entries += 1;
    if (this.#entries === ENTRIES_PER_BLOCK) this.#seal();
  }

  /** Writes what is left. */
  end(): void {
    if (this.#entries > 0) this.#seal();
    this.#write();
  }

  /** Closes a block with its checksum. */
  #seal(): void {
    const entries = this.#bytes.subarray(this.#block, this.#block + CRC_OFFSET);
    this.#view.setUint32(this.#block + CRC_OFFSET, crc32(entries), true);
    this.#block += BLOCK_BYTES;
    this.#entries = 0;
    if (this.#block === this.#bytes.length) this.#write();
  }

  #write(): void {
    writeAll(this.#fileSystem, this.#fd, this.#bytes.subarray(0, this.#block));
    this.#bytes.fill(0);
    this.#block = 0;
  }
}

function encodeFooter(entries: number, filter: Uint8Array): Buffer {
  const footer = Buffer.alloc(FOOTER_BYTES);
  for (const [index, value] of [MAGIC, VERSION, entries, filter.length, crc32(filter)].entries()) {
    footer.writeUInt32LE(value, index * 4);
  }
  footer.writeUInt32LE(crc32(footer.subarray(0, 20)), 20);
  return footer;
}
