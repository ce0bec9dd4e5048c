import { randomBytes } from "node:crypto";
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { errorCodeOf, KaizenError } from "../errors.ts";
import { CREATE_OWN, Refused, readOwnFile } from "./own-file.ts";
import type { TrustedRoot } from "./trust-schema.ts";

/** A project's folder as it is now. */
export type FolderNow = Pick<TrustedRoot, "path" | "dev" | "ino"> & { readonly id: string | undefined };

/** The folder whose store is, or is not, trusted; and the mark in it, which git ignores. */
export class RootFolder {
  readonly path: string;
  readonly #prepare: () => void;

  /** `prepare` makes the folder of the store that the mark goes into, and sees to it that git ignores it. */
  constructor(root: string, prepare: () => void) {
    this.path = realpathSync(root);
    this.#prepare = prepare;
  }

  now(): FolderNow {
    const { dev, ino } = lstatSync(this.path, { bigint: true });
    return { path: this.path, dev: String(dev), ino: String(ino), id: this.#readId() };
  }

  /** Whether nothing is kept here yet. A link in the place of a folder may lead to anything. */
  isEmpty(): boolean {
    if (!this.#isInside(this.#metrics)) return lstatAt(this.#metrics) === undefined;
    return namesIn(this.#metrics).every((name) => {
      const path = join(this.#metrics, name);
      return lstatAt(path)?.isDirectory() === true && namesIn(path).length === 0;
    });
  }

  /** Makes a mark that there has not been, in the place of another. */
  mark(): string {
    this.#prepare();
    const folder = join(this.#metrics, ".locks");
    if (!this.#isInside(folder)) throw unsafe(folder);
    const id = randomBytes(16).toString("hex");
    const next = `${this.#idFile}.new`;
    removeIfThere(next);
    const fd = openSync(next, CREATE_OWN, 0o600);
    try {
      writeFileSync(fd, `${id}\n`);
    } finally {
      closeSync(fd);
    }
    renameSync(next, this.#idFile);
    return id;
  }

  #readId(): string | undefined {
    try {
      if (!this.#isInside(join(this.#metrics, ".locks"))) return undefined;
      return readOwnFile(this.#idFile, 64)?.trim();
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /** Whether a folder of the store is there, and no component on the way to it leads elsewhere. */
  #isInside(folder: string): boolean {
    const kaizen = join(this.path, ".kaizen");
    return [kaizen, this.#metrics, folder].every((path) => lstatAt(path)?.isDirectory() ?? false);
  }

  get #metrics(): string {
    return join(this.path, ".kaizen", "metrics");
  }

  /** One for each user: several may work in one folder, each with a trust file of their own. */
  get #idFile(): string {
    const user = process.geteuid?.();
    return join(this.#metrics, ".locks", user === undefined ? "root-id" : `root-id-${user}`);
  }
}

/**
 * Whether this is the folder that was taken in. Its mark is what counts. Beside it the folder's number has to be the
 * same, and the path, unless it was moved on its device: a mark that got into a clone after all is not enough.
 */
export function isSameFolder(root: Pick<TrustedRoot, "path" | "dev" | "ino" | "id">, now: FolderNow): boolean {
  return root.id === now.id && root.ino === now.ino && (root.path === now.path || root.dev === now.dev);
}

/** What begins with a dot is ours, git's, or of a file manager: no agent has such a name, nor a log. */
function namesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => !name.startsWith("."));
}

function lstatAt(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCodeOf(error) !== "ENOENT") throw error;
  }
}

function unsafe(path: string): KaizenError {
  return new KaizenError("UNSAFE_PATH", `${path} is no folder of the store, but something else.`, {
    hint: "Look at what is there, and move it away.",
  });
}
