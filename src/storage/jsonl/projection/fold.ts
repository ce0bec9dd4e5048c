import { type FileSystem, readRange } from "../files/file-system.ts";
import { type Fingerprint, fingerprintAt, NOTHING_READ } from "./fingerprint.ts";

/** A left fold over the lines of a file that only grows. `C` is what else it looks at on the way. */
export interface Fold<S, L, C = void> {
  empty(): S;
  /** What a line says. Its bytes are only good until the next one is read. */
  decode(line: Buffer): L;
  /** Why something in a line cannot be read, if it cannot. */
  damageIn?(line: L): string | undefined;
  /** Told of lines that are added next, so that it can prepare for all of them at once. */
  expect?(state: S, lines: readonly PlacedLine<L>[]): void;
  add(state: S, line: L, start: number, context: C): void;
  /** Whether a state that was folded before still holds; left out: always. */
  holds?(state: S, context: C): boolean;
  /** Called once all lines are added that there are. */
  end?(state: S, context: C): void;
}

/** What a file says, as far as it was read. */
export interface Projected<S> {
  readonly state: S;
  fingerprint: Fingerprint;
  damagedLines: number;
  /** Up to where no newline was found behind the fingerprint. */
  searched: number;
  /** Where the snapshot on disk ends, as far as this process knows. */
  savedTo: number;
}

export function nothingProjected<S>(state: S): Projected<S> {
  return { state, fingerprint: NOTHING_READ, damagedLines: 0, searched: 0, savedTo: 0 };
}

/** A line that was decoded, and where it begins. */
export interface PlacedLine<L> {
  readonly line: L;
  readonly start: number;
}

/** Told of each line in which something is lost. */
export type OnDamage<S> = (projected: Projected<S>, start: number, reason: string) => void;

/** Adds lines in their order. */
export function addLines<S, L, C>(
  fold: Fold<S, L, C>,
  projected: Projected<S>,
  lines: readonly PlacedLine<L>[],
  context: C,
  onDamage: OnDamage<S>,
): void {
  fold.expect?.(projected.state, lines);
  for (const { line, start } of lines) {
    const reason = fold.damageIn?.(line);
    if (reason !== undefined) onDamage(projected, start, reason);
    fold.add(projected.state, line, start, context);
  }
}

/** Folds a file that is being written, line by line on their way into it, so that it need not be read afterwards. */
export class WrittenFold<S, L, C> {
  readonly projected: Projected<S>;
  readonly #fold: Fold<S, L, C>;
  readonly #onDamage: OnDamage<S>;
  /** Lines that are on their way. */
  #lines: PlacedLine<L>[] = [];
  #end = 0;

  constructor(fold: Fold<S, L, C>, onDamage: OnDamage<S>) {
    this.projected = nothingProjected(fold.empty());
    this.#fold = fold;
    this.#onDamage = onDamage;
  }

  /** The next line, and how many bytes it takes with its newline. */
  add(line: L, length: number): void {
    this.#lines.push({ line, start: this.#end });
    this.#end += length;
  }

  /** Adds the lines up to here: they stand in the open file now. */
  flushed(fileSystem: FileSystem, fd: number, context: C): void {
    addLines(this.#fold, this.projected, this.#lines, context, this.#onDamage);
    this.#lines = [];
    this.projected.fingerprint = fingerprintAt(fileSystem, fd, this.#end);
  }
}

/** An end without its newline that is shorter is read again each time: its writer may be at it, or take it back. */
const LONG_TAIL_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Whether a file still ends in the long tail that was found before, or in more of it. */
export function isStillTail(fileSystem: FileSystem, fd: number, known: Projected<unknown>, size: number): boolean {
  const { offset } = known.fingerprint;
  // Some of it was taken back.
  if (size < known.searched) known.searched = offset;
  if (known.searched - offset <= LONG_TAIL_BYTES) return false;
  for (let at = known.searched; at < size; at += READ_BYTES) {
    if (readRange(fileSystem, fd, at, Math.min(size, at + READ_BYTES)).includes(NEWLINE)) return false;
  }
  known.searched = size;
  return true;
}
