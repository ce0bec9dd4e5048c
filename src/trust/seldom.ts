import { createHash } from "node:crypto";
import { closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CREATE_OWN, makeOwnFolder, readOwnFile } from "./own-file.ts";
import { statePlace } from "./state-folder.ts";

/** What is done seldom, and so how long ago it has to be, in ms. */
const periods = { mentioned: 86_400_000, ci: 3_600_000 } as const;

/** Says when something was last done for a project: beside the trust file, since it is one person's. */
export class Seldom {
  readonly #periodMs: number;
  readonly #folder: string | undefined;
  readonly #home: string | undefined;
  readonly #name: string;

  /** `root` is the real path of the project. */
  constructor(
    what: keyof typeof periods,
    root: string,
    environment: Readonly<Record<string, string | undefined>>,
    windows: boolean,
  ) {
    const place = statePlace(environment, windows);
    this.#periodMs = periods[what];
    this.#folder = place === undefined ? undefined : join(place.folder, what);
    this.#home = place?.home;
    this.#name = nameOfRoot(root);
  }

  /** Whether it is long enough ago. If that cannot be told, or could not be kept, it is not: better undone than too often. */
  isDue(now: number): boolean {
    try {
      if (this.#folder === undefined) return false;
      const text = readOwnFile(join(this.#folder, this.#name), 32);
      const last = text === undefined ? Number.NaN : Number(text);
      return !(Math.abs(now - last) < this.#periodMs);
    } catch {
      return false;
    }
  }

  /** Keeps that it is done now. Gives whether that could be. */
  note(now: number): boolean {
    try {
      if (this.#folder === undefined) return false;
      makeOwnFolder(this.#folder, this.#home);
      const path = join(this.#folder, this.#name);
      const next = `${path}.${process.pid}.new`;
      const fd = openSync(next, CREATE_OWN, 0o600);
      try {
        writeFileSync(fd, String(now));
      } finally {
        closeSync(fd);
      }
      renameSync(next, path);
      return true;
    } catch {
      return false;
    }
  }
}

/** A name for what is kept of a project in the user's own folder. */
export function nameOfRoot(root: string): string {
  return createHash("sha256").update(root).digest("hex").slice(0, 32);
}
