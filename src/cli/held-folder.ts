import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { KaizenError } from "../errors.ts";

/** Linux: opens a folder to be named by, which takes no right to list it. Node has no name for it. */
const O_PATH = process.platform === "linux" ? 0o10000000 : 0;

/**
 * A folder that stays the one that was looked at, also if a link is put in its place meanwhile. On Linux its files are
 * named by the open folder itself, so that no path is followed again. Elsewhere they are named by path, and
 * `expectHolds` tells afterwards whether that led to another folder.
 */
export class HeldFolder {
  readonly path: string;
  #descriptor: number | undefined;
  readonly #identity: BigIntStats;
  /** What the names of its files are put behind. */
  readonly #prefix: string;

  /** `path` is absolute and without links. Throws what the system says if it is no folder. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openFolder(path);
    try {
      this.#identity =
        this.#descriptor === undefined
          ? lstatSync(path, { bigint: true })
          : fstatSync(this.#descriptor, { bigint: true });
      this.#prefix = this.#ownPath() ?? path;
      this.#expectInPlace();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The path by which to reach a file of this folder now; for people it has another. */
  at(name: string): string {
    return join(this.#prefix, name);
  }

  /** Throws UNSAFE_PATH unless the folder is still where it was, and this name in it is that of the open file. */
  expectHolds(name: string, descriptor: number): void {
    this.#expectInPlace();
    const named = lookedUp(() => lstatSync(join(this.path, name), { bigint: true }));
    if (!isSame(named, fstatSync(descriptor, { bigint: true }))) throw replaced(this.path);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #expectInPlace(): void {
    const isPlain = lookedUp(() => realpathSync(this.path)) === this.path;
    const named = lookedUp(() => lstatSync(this.path, { bigint: true }));
    if (!isPlain || !isSame(named, this.#identity)) throw replaced(this.path);
  }

  #ownPath(): string | undefined {
    const path = `/proc/self/fd/${this.#descriptor}`;
    return isSame(
      lookedUp(() => statSync(path, { bigint: true })),
      this.#identity,
    )
      ? path
      : undefined;
  }
}

function openFolder(path: string): number | undefined {
  // Windows opens no folders.
  if (constants.O_DIRECTORY === undefined) return undefined;
  try {
    return openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    // Outside of Linux a folder has to be readable to be opened, and one that is not may be written to all the same.
    if (error instanceof Error && "code" in error && error.code === "EACCES") return undefined;
    throw error;
  }
}

function lookedUp<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isSame(one: BigIntStats | undefined, other: BigIntStats): boolean {
  return one !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function replaced(path: string): KaizenError {
  return new KaizenError("UNSAFE_PATH", `The folder ${JSON.stringify(path.slice(0, 300))} was replaced meanwhile.`, {
    hint: "Look at what is there and for what replaces it, and try again once that is over.",
  });
}
