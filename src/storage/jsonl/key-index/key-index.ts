import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { FileSystem } from "../files/file-system.ts";
import { EntryTable, type SortedEntries } from "./entry-table.ts";
import type { TextHash } from "./hash.ts";
import { Segment } from "./segment.ts";
import type { SegmentEntry } from "./segment-format.ts";

/**
 * Where in the log the runs with a given identity may stand: what came last in memory, the rest in segments on disk.
 * Segments are merged as in a log-structured merge tree (P. O'Neil and others, 1996), so that there are few of them
 * and each entry is written a logarithmic number of times.
 */
export class KeyIndex {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  #segments: Segment[];
  /** Entries that no segment holds yet. */
  #recent = new EntryTable();

  constructor(fileSystem: FileSystem, folder: string, segments: Segment[] = []) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#segments = segments;
  }

  /** Opens the segments that a checkpoint names. */
  static open(fileSystem: FileSystem, folder: string, names: readonly string[]): KeyIndex {
    const segments = names.map((name) => Segment.open(fileSystem, join(folder, name)));
    return new KeyIndex(fileSystem, folder, segments);
  }

  get segmentNames(): string[] {
    return this.#segments.map((segment) => segment.path.slice(this.#folder.length + 1));
  }

  get recentEntries(): number {
    return this.#recent.size;
  }

  add(hash: TextHash, place: number): void {
    this.#recent.add(hash, place);
  }

  /** Says which hashes are asked for and added next. Changes nothing but how long that takes. */
  preload(hashes: readonly TextHash[]): void {
    this.#recent.preload(hashes);
  }

  /** Places where the identity may stand, in no order. The caller reads the log there and compares. */
  candidates(hash: TextHash): number[] {
    const found: number[] = [];
    this.#recent.collect(hash, found);
    for (const segment of this.#segments) segment.collect(hash, found);
    return found;
  }

  /**
   * This index, with its entries from `fromPlace` on moved from memory to files. They come on top of `base`: the
   * segments that cover the log before that place. Writes new files and leaves the old ones; `segmentNames` are the
   * ones to keep.
   */
  flushed(fromPlace: number, base: KeyIndex): KeyIndex {
    const segments = [...base.#segments];
    const sorted = this.#recent.sorted(fromPlace);
    if (sorted.places.length > 0) {
      segments.push(this.#write(sorted.places.length, entriesOf(sorted)));
      mergeAsNeeded(segments, (count, entries) => this.#write(count, entries));
    }
    return new KeyIndex(this.#fileSystem, this.#folder, segments);
  }

  #write(count: number, entries: Iterable<SegmentEntry>): Segment {
    const name = `keys-${randomBytes(6).toString("hex")}.idx`;
    return Segment.write(this.#fileSystem, join(this.#folder, name), count, entries);
  }
}

/** Joins the last two segments while the older is not more than twice as large as the newer. */
function mergeAsNeeded(segments: Segment[], write: (count: number, entries: Iterable<SegmentEntry>) => Segment): void {
  for (;;) {
    const [older, newer] = segments.slice(-2);
    if (older === undefined || newer === undefined || older.entries > 2 * newer.entries) return;
    segments.splice(-2, 2, write(older.entries + newer.entries, merge(older.all(), newer.all())));
  }
}

/** Two sorted sequences as one. */
function* merge(left: Iterator<SegmentEntry>, right: Iterator<SegmentEntry>): Generator<SegmentEntry> {
  let [a, b] = [left.next(), right.next()];
  while (a.done !== true || b.done !== true) {
    if (b.done === true || (a.done !== true && a.value.high <= b.value.high)) {
      if (a.done !== true) yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}

function* entriesOf(sorted: SortedEntries): Generator<SegmentEntry> {
  for (const [index, place] of sorted.places.entries()) {
    yield { high: sorted.highs[index] ?? 0, low: sorted.lows[index] ?? 0, place };
  }
}
