import { closeSync, fsyncSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodeOf, KaizenError } from "../errors.ts";
import { CREATE_OWN, hasOwnFolder, makeOwnFolder, Refused, readOwnFile } from "./own-file.ts";
import type { StatePlace } from "./state-folder.ts";
import { type TrustFileContent, trustFileSchema } from "./trust-schema.ts";

const MAX_BYTES = 4 * 1024 * 1024;
/** An update takes a few milliseconds; many processes may begin at once. */
const LONGEST_WAIT_MS = 5_000;
const PAUSE_MS = 5;
/** Of a process that was killed in between. */
const ABANDONED_MS = 10_000;

const nothing: TrustFileContent = { version: 1, roots: [] };

/** The file itself: read whole, and replaced whole by one process at a time. */
export class TrustFile {
  readonly #place: StatePlace | undefined;

  constructor(place: StatePlace | undefined) {
    this.#place = place;
  }

  /** Where the file stands, or would. */
  get path(): string | undefined {
    return this.#place === undefined ? undefined : join(this.#place.folder, "trust.json");
  }

  /** What it says; nothing if there is no file. Fails with `Refused` if what is there cannot be believed. */
  read(): TrustFileContent {
    const { folder, path } = this.#known();
    if (!hasOwnFolder(folder)) return nothing;
    const text = readOwnFile(path, MAX_BYTES);
    return text === undefined ? nothing : parsed(path, text);
  }

  /**
   * Replaces what it says, and gives that. A file that cannot be read stays as it is: what it said may be wanted back.
   * Fails with a `KaizenError`.
   */
  update(change: (content: TrustFileContent) => TrustFileContent): TrustFileContent {
    try {
      return this.#update(change);
    } catch (error) {
      if (error instanceof KaizenError) throw error;
      throw unwritable(error instanceof Refused ? error.message : reasonOf(error, this.path), error);
    }
  }

  #update(change: (content: TrustFileContent) => TrustFileContent): TrustFileContent {
    const { folder, path } = this.#known();
    makeOwnFolder(folder, this.#place?.home);
    // The file under way is the lock as well: its name can be made by one process only, and goes with the last step.
    const next = `${path}.new`;
    const fd = taken(next);
    try {
      const content = change(this.read());
      writeFileSync(fd, `${JSON.stringify(content, null, 2)}\n`);
      fsyncSync(fd);
      renameSync(next, path);
      return content;
    } catch (error) {
      unlinkSync(next);
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  #known(): { folder: string; path: string } {
    const { path } = this;
    if (this.#place === undefined || path === undefined) throw new Refused("the environment names no home folder");
    return { folder: this.#place.folder, path };
  }
}

function parsed(path: string, text: string): TrustFileContent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(`${path} is not JSON`);
  }
  const content = trustFileSchema.safeParse(value);
  if (!content.success) throw new Refused(`${path} is not of a form that this version knows`);
  return content.data;
}

/** Makes a file of this name, once there is none. Waits without giving up its turn: everything around it is synchronous. */
function taken(path: string): number {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    try {
      return openSync(path, CREATE_OWN, 0o600);
    } catch (error) {
      if (errorCodeOf(error) !== "EEXIST" || performance.now() > deadline) throw error;
    }
    removeAbandoned(path);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

function removeAbandoned(path: string): void {
  try {
    const { mtimeMs } = lstatSync(path);
    if (Math.abs(Date.now() - mtimeMs) > ABANDONED_MS) unlinkSync(path);
  } catch {
    // It is gone, or cannot be taken away: the next attempt shows it.
  }
}

function reasonOf(error: unknown, path: string | undefined): string {
  return `${path ?? "the trust file"} cannot be written (${errorCodeOf(error) ?? "no reason given"})`;
}

function unwritable(reason: string, cause: unknown): KaizenError {
  const code = errorCodeOf(cause);
  const isReadOnly = code === "EACCES" || code === "EROFS" || code === "EPERM";
  return new KaizenError(
    code === "ENOSPC" ? "DISK_FULL" : isReadOnly ? "READ_ONLY" : "IO_ERROR",
    `What this machine trusts was not changed: ${reason}.`,
    { hint: "Repair it, or set XDG_STATE_HOME to a folder of yours that can be written to.", cause },
  );
}
