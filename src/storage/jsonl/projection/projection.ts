import type { OnNotice } from "../../notice.ts";
import { type FileSystem, READ, statusOf, withFileIfThere } from "../files/file-system.ts";
import type { AppendedLines } from "../journal/append.ts";
import { forEachLine } from "../journal/lines.ts";
import { noteDamage } from "./damage-notes.ts";
import { fingerprintAfter, fingerprintAt, hasOnlyGrown, NOTHING_READ } from "./fingerprint.ts";
import {
  addLines,
  type Fold,
  isStillTail,
  nothingProjected,
  type OnDamage,
  type PlacedLine,
  type Projected,
  WrittenFold,
} from "./fold.ts";
import type { SnapshotKey } from "./sealed-file.ts";
import { loadSnapshot, type SnapshotFormat, saveSnapshot } from "./snapshot.ts";

/** Lines that this process has just written to the file, under the lock. */
export interface OwnLines<L> extends AppendedLines {
  readonly lines: readonly PlacedLine<L>[];
}

interface ProjectionOptions {
  readonly fileSystem: FileSystem;
  readonly onNotice?: OnNotice;
  readonly snapshotKey?: SnapshotKey | undefined;
}

/** So many lines are decoded before they are added, so that a fold can prepare for all of them at once. */
const LINES_AT_ONCE = 64;
/** A longer line waits for no other, so that little is held at a time. */
const LONG_LINE_BYTES = 64 * 1024;
/** Reading more than this is noticed by the person who waits for it. */
const NOTICEABLE_BYTES = 16 * 1024 * 1024;

/**
 * A fold over one file, as one process knows it. Each call reads what was added since, or all of it if another file stands
 * there now. Reading never writes. One caller at a time.
 */
export class Projection<S, L, C = void> {
  readonly #options: ProjectionOptions;
  readonly #path: string;
  readonly #fold: Fold<S, L, C>;
  readonly #format: SnapshotFormat<S> | undefined;
  #known: Projected<S> | undefined;
  #believesSnapshot = true;
  #restarts = 0;

  constructor(options: ProjectionOptions, path: string, fold: Fold<S, L, C>, format?: SnapshotFormat<S>) {
    this.#options = options;
    this.#path = path;
    this.#fold = fold;
    this.#format = format;
  }

  /** What the file says up to its last whole line; `undefined` if there is no file. */
  readFile(context: C): Promise<Projected<S> | undefined> {
    return withFileIfThere(this.#options.fileSystem, this.#path, READ, async (fd) =>
      fd === undefined ? undefined : this.read(fd, context),
    );
  }

  /** Reads the open file up to an offset. If nothing else came, what was `own` is not read back. */
  async read(
    fd: number,
    context: C,
    { to = statusOf(this.#options.fileSystem, fd).size, own }: { to?: number; own?: OwnLines<L> | undefined } = {},
  ): Promise<Projected<S>> {
    const before = this.#known;
    // What was added halfway is no ground to go on from.
    this.#known = undefined;
    const known = this.#ifValid(before, fd, context) ?? this.saved(fd, context) ?? this.#nothing();
    const { offset } = known.fingerprint;
    if (own?.start === offset && own.start + own.bytes.length === to) {
      this.#add(known, own.lines, context);
      known.fingerprint = fingerprintAfter(known.fingerprint, own.bytes);
      this.#fold.end?.(known.state, context);
    } else await this.#readOn(known, fd, context, Math.max(offset, to));
    this.#believesSnapshot = true;
    this.#known = known;
    return known;
  }

  /** What was read last. */
  get current(): Projected<S> {
    if (this.#known === undefined) throw new Error("reading comes before any question");
    return this.#known;
  }

  /** Forgets what was read: the next reading goes on from the snapshot, if there is one, and it is to be believed. */
  forget({ andSnapshot = false } = {}): void {
    this.#known = undefined;
    this.#believesSnapshot = !andSnapshot;
  }

  /** Folds a file on its way to the path, for `adopt`. */
  writing(): WrittenFold<S, L, C> {
    return new WrittenFold(this.#fold, this.#onDamage);
  }

  /** Goes on from what was learnt of a file while it was written: it stands at the path now. */
  adopt({ projected }: WrittenFold<S, L, C>): void {
    this.#known = projected;
    this.#restarts += 1;
  }

  /** How often the file was folded from its start: what was told from places in it may not hold any more. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Whether so much was read since the last snapshot that a new one should be written. */
  get isSnapshotDue(): boolean {
    if (this.#known === undefined || this.#format === undefined) return false;
    const { fingerprint, savedTo, state } = this.#known;
    return fingerprint.offset - savedTo >= this.#format.dueBytes || this.#format.isDue?.(state) === true;
  }

  /** Writes what is known beside the file. The caller holds the lock, and has made the folder. */
  saveSnapshot(): void {
    if (this.#known === undefined || this.#format === undefined) return;
    saveSnapshot(this.#options.fileSystem, this.#format, this.#known, this.#options.snapshotKey);
    this.#known.savedTo = this.#known.fingerprint.offset;
  }

  /** What the snapshot on disk says, if it holds for the open file. */
  saved(fd: number, context: C): Projected<S> | undefined {
    const { fileSystem, snapshotKey } = this.#options;
    const format = this.#format;
    if (format === undefined || !this.#believesSnapshot) return undefined;
    const saved = loadSnapshot(fileSystem, format, snapshotKey);
    if (saved === undefined || !hasOnlyGrown(fileSystem, fd, saved.fingerprint)) return undefined;
    const { damagedLines, fingerprint } = saved;
    const state = saved.state();
    if (state === undefined || format.agrees?.(state, fd, fingerprint.offset) === false) return undefined;
    if (this.#fold.holds?.(state, context) === false) return undefined;
    return { state, damagedLines, fingerprint, searched: fingerprint.offset, savedTo: fingerprint.offset };
  }

  async #readOn(known: Projected<S>, fd: number, context: C, to: number): Promise<void> {
    const { fileSystem, onNotice } = this.#options;
    const { offset } = known.fingerprint;
    const isFirst = known.fingerprint === NOTHING_READ;
    if (isStillTail(fileSystem, fd, known, to) || (to === offset && !isFirst)) return;
    if (to - offset > NOTICEABLE_BYTES) {
      // Only a writer keeps what was learned: a reader says this again the next time.
      onNotice?.(`reading ${Math.round((to - offset) / 1e6)} MB of ${this.#path} that its index does not have`);
    }
    const lines: PlacedLine<L>[] = [];
    const end = await forEachLine(fileSystem, fd, { from: offset, to }, (bytes, start) => {
      lines.push({ line: this.#fold.decode(bytes), start });
      const isEnough = lines.length === LINES_AT_ONCE || bytes.length > LONG_LINE_BYTES;
      if (isEnough) this.#add(known, lines.splice(0), context);
    });
    this.#add(known, lines, context);
    known.searched = to;
    if (end === offset && !isFirst) return;
    known.fingerprint = fingerprintAt(fileSystem, fd, end);
    this.#fold.end?.(known.state, context);
  }

  #add(known: Projected<S>, lines: readonly PlacedLine<L>[], context: C): void {
    addLines(this.#fold, known, lines, context, this.#onDamage);
  }

  readonly #onDamage: OnDamage<S> = (known, start, reason) =>
    noteDamage(known, { path: this.#path, start, reason }, this.#options.onNotice);

  #ifValid(known: Projected<S> | undefined, fd: number, context: C): Projected<S> | undefined {
    if (known === undefined || !hasOnlyGrown(this.#options.fileSystem, fd, known.fingerprint)) return undefined;
    return this.#fold.holds?.(known.state, context) === false ? undefined : known;
  }

  #nothing(): Projected<S> {
    this.#restarts += 1;
    return nothingProjected(this.#fold.empty());
  }
}
