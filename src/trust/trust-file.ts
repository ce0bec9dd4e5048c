import { closeSync, fstatSync, fsyncSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodeOf, KaizenError } from "../errors.ts";
import { CREATE_OWN, hasOwnFolder, makeOwnFolder, Refused, readOwnFile, refusal } from "./own-file.ts";
import type { StatePlace } from "./state-folder.ts";
import { type TrustFileContent, trustFileSchema } from "./trust-schema.ts";

/** A root takes half a kilobyte. Whatever else stands here, a hook has read it in a fraction of its time. */
const MAX_BYTES = 1024 * 1024;
/** An update takes a few milliseconds; many processes may begin at once. A hook has more than this in all. */
const LONGEST_WAIT_MS = 3_000;
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
      throw unwritable(error instanceof Refused ? error : refusal(this.path ?? "the trust file", "written", error));
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
      const text = `${JSON.stringify(content, null, 2)}\n`;
      if (Buffer.byteLength(text) > MAX_BYTES) throw new Refused(`${path} would be larger than ${MAX_BYTES} bytes`);
      writeFileSync(fd, text);
      fsyncSync(fd);
      if (!isNameOf(next, fd)) throw new Refused(`another process has taken ${next} for left behind`);
      renameSync(next, path);
      return content;
    } catch (error) {
      if (isNameOf(next, fd)) unlinkSync(next);
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

/** What was read last. A process asks again and again, and the file hardly ever changes in between. */
let last: { readonly path: string; readonly text: string; readonly found: TrustFileContent | Refused } | undefined;

function parsed(path: string, text: string): TrustFileContent {
  if (last?.path !== path || last.text !== text) last = { path, text, found: parsedAnew(path, text) };
  if (last.found instanceof Refused) throw last.found;
  return last.found;
}

function parsedAnew(path: string, text: string): TrustFileContent | Refused {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Refused(`${path} is not JSON`);
  }
  const content = trustFileSchema.safeParse(value);
  return content.success ? content.data : new Refused(`${path} is not of a form that this version knows`);
}

/** Until when a file that was waited for in vain is not waited for again: what comes next would wait as long each time. */
let isHeldUntil = 0;

/** Makes a file of this name, once there is none. Waits without giving up its turn: everything around it is synchronous. */
function taken(path: string): number {
  const startedAt = performance.now();
  const deadline = startedAt < isHeldUntil ? startedAt : startedAt + LONGEST_WAIT_MS;
  for (;;) {
    try {
      return openSync(path, CREATE_OWN, 0o600);
    } catch (error) {
      if (errorCodeOf(error) !== "EEXIST") throw error;
      if (performance.now() > deadline) {
        isHeldUntil = performance.now() + ABANDONED_MS;
        throw new Refused(`another process keeps ${path}`, { cause: error });
      }
    }
    if (!isRemovedAsAbandoned(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** Whether a name is still that of an open file. A process that was held up for long is taken for a dead one. */
function isNameOf(path: string, fd: number): boolean {
  const named = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const opened = fstatSync(fd, { bigint: true });
  return named?.ino === opened.ino && named.dev === opened.dev;
}

/** Fails with `Refused` for what no wait takes away. */
function isRemovedAsAbandoned(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return true;
  if (!stats.isFile()) throw new Refused(`${path} is no plain file`);
  if (Math.abs(Date.now() - stats.mtimeMs) <= ABANDONED_MS) return false;
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCodeOf(error) !== "ENOENT") throw refusal(path, "removed", error);
  }
  return true;
}

function unwritable(refused: Refused): KaizenError {
  const code = errorCodeOf(refused.cause);
  const isReadOnly = code === "EACCES" || code === "EROFS" || code === "EPERM";
  return new KaizenError(
    code === "ENOSPC" ? "DISK_FULL" : isReadOnly ? "READ_ONLY" : "IO_ERROR",
    `What this machine trusts was not changed: ${refused.message}.`,
    { hint: "Repair it, or set XDG_STATE_HOME to a folder of yours that can be written to.", cause: refused },
  );
}
