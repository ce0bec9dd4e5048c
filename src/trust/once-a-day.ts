import { createHash } from "node:crypto";
import { closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CREATE_OWN, makeOwnFolder, readOwnFile } from "./own-file.ts";
import { statePlace } from "./state-folder.ts";

const DAY_MS = 86_400_000;

/** What says when something was last mentioned of a project: beside the trust file, since it is one person's. */
export class OnceADay {
  readonly #folder: string | undefined;
  readonly #home: string | undefined;
  readonly #name: string;

  /** `root` is the real path of the project. */
  constructor(root: string, environment: Readonly<Record<string, string | undefined>>, windows: boolean) {
    const place = statePlace(environment, windows);
    this.#folder = place === undefined ? undefined : join(place.folder, "mentioned");
    this.#home = place?.home;
    this.#name = createHash("sha256").update(root).digest("hex").slice(0, 32);
  }

  /** Whether a day has passed since. If that cannot be told, or could not be kept, it has not: better unsaid than nagging. */
  isDue(now: number): boolean {
    try {
      if (this.#folder === undefined) return false;
      const text = readOwnFile(join(this.#folder, this.#name), 32);
      const last = text === undefined ? Number.NaN : Number(text);
      return !(Math.abs(now - last) < DAY_MS);
    } catch {
      return false;
    }
  }

  /** Keeps that it is mentioned now. Gives whether that could be. */
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
