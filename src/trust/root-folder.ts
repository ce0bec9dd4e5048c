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
import { CREATE_OWN, Refused, readOwnFile, refusal } from "./own-file.ts";
import type { TrustedRoot } from "./trust-schema.ts";

/** A project's folder as it is now. */
export type FolderNow = Pick<TrustedRoot, "path" | "dev" | "ino"> & { readonly ids: readonly string[] };

/** So many marks stand in a folder; the oldest goes for one more. */
const MOST_MARKS = 32;
const MARK_CHARACTERS = 32;

/** The folder whose store is, or is not, trusted; and the marks in it, which git ignores. */
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
    return { path: this.path, dev: String(dev), ino: String(ino), ids: this.#readIds() };
  }

  /** Whether nothing is kept here yet. A link in the place of a folder may lead to anything. */
  isEmpty(): boolean {
    if (!this.#isInside(this.#metrics)) return lstatAt(this.#metrics) === undefined;
    return namesIn(this.#metrics).every((name) => {
      const path = join(this.#metrics, name);
      return lstatAt(path)?.isDirectory() === true && namesIn(path).length === 0;
    });
  }

  /**
   * Makes a mark that there has not been. Those that are here stay: this user may have several trust files, each of a home
   * or a container of its own. A mark that a clone has brought is in none of them.
   */
  mark(): string {
    try {
      return this.#mark();
    } catch (error) {
      if (error instanceof KaizenError) throw error;
      const { message } = refusal(this.#idFile, "written", error);
      throw new KaizenError("IO_ERROR", `The project could not be marked as trusted: ${message}.`, {
        hint: "Repair what is in the way there, and try again.",
        cause: error,
      });
    }
  }

  #mark(): string {
    this.#prepare();
    const folder = join(this.#metrics, ".locks");
    if (!this.#isInside(folder)) throw unsafe(folder);
    const id = randomBytes(MARK_CHARACTERS / 2).toString("hex");
    const ids = [...this.#readIds().slice(1 - MOST_MARKS), id];
    const next = `${this.#idFile}.new`;
    removeIfThere(next);
    const fd = openSync(next, CREATE_OWN, 0o600);
    try {
      writeFileSync(fd, ids.map((one) => `${one}\n`).join(""));
      renameSync(next, this.#idFile);
    } catch (error) {
      removeIfThere(next);
      throw error;
    } finally {
      closeSync(fd);
    }
    return id;
  }

  #readIds(): readonly string[] {
    try {
      if (!this.#isInside(join(this.#metrics, ".locks"))) return [];
      const text = readOwnFile(this.#idFile, MOST_MARKS * (MARK_CHARACTERS + 1)) ?? "";
      return text.split("\n").filter((line) => /^[0-9a-f]{32}$/.test(line));
    } catch (error) {
      if (error instanceof Refused) return [];
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

  /** One for each user: several may work in one folder, and none can read what is another's. */
  get #idFile(): string {
    const user = process.geteuid?.();
    return join(this.#metrics, ".locks", user === undefined ? "root-id" : `root-id-${user}`);
  }
}

/**
 * Whether this is the folder that was taken in. That its mark is here is what counts. Beside it the folder's number has to be the
 * same, and the path, unless it was moved on its device: a mark that got into a clone after all is not enough.
 */
export function isSameFolder(root: Pick<TrustedRoot, "path" | "dev" | "ino" | "id">, now: FolderNow): boolean {
  return now.ids.includes(root.id) && root.ino === now.ino && (root.path === now.path || root.dev === now.dev);
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
