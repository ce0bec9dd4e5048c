import { randomBytes } from "node:crypto";
import { closeSync, futimesSync, lstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import * as z from "zod";
import { parseJson } from "../../domain/text/json.ts";
import { errorCodeOf } from "../../errors.ts";
import { CREATE_OWN, readOwnFile } from "../../trust/own-file.ts";
import { isAlive } from "../programs/is-alive.ts";

/** A holder that has not dated its lock for so long is gone, or sleeps. */
const ABANDONED_MS = 10_000;
const DATE_MS = 1_000;
const MAX_BYTES = 1024;

const holderSchema = z.object({ pid: z.int().positive(), host: z.string(), token: z.string() });

type Holder = z.infer<typeof holderSchema>;

/**
 * A lock that is a file, and is held for minutes. Its holder dates it again and again; a holder of this machine that is
 * gone is also known by its process number. Of the processes that find it abandoned, one at a time may take it away. If
 * the machine sleeps in between, two may hold it: then two checks run, and nothing is lost.
 *
 * Stands in for proper-lockfile, by which two processes may take away one abandoned lock, the second a lock that is new.
 */
export class CheckLock {
  readonly #path: string;
  readonly #token = randomBytes(16).toString("hex");
  #held: { fd: number; timer: NodeJS.Timeout } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes the lock if no process holds it. Fails as the file system does. */
  tryTake(): boolean {
    if (this.#create()) return true;
    // Most often a look is enough, and no turn is taken.
    if (!isAbandoned(this.#path)) return false;
    this.#removeAbandoned();
    return this.#create();
  }

  release(): void {
    if (this.#held === undefined) return;
    clearInterval(this.#held.timer);
    closeSync(this.#held.fd);
    this.#held = undefined;
    if (holderOf(this.#path)?.token === this.#token) removeIfThere(this.#path);
  }

  #create(): boolean {
    const fd = createdFile(this.#path);
    if (fd === undefined) return false;
    const holder: Holder = { pid: process.pid, host: hostname(), token: this.#token };
    writeSync(fd, JSON.stringify(holder));
    // By the descriptor: at this path there may be another's lock, if the machine slept for long.
    const timer = setInterval(() => date(fd), DATE_MS).unref();
    this.#held = { fd, timer };
    return true;
  }

  #removeAbandoned(): void {
    const turn = `${this.#path}.turn`;
    const fd = createdFile(turn);
    if (fd === undefined) {
      if (isOld(turn)) removeIfThere(turn);
      return;
    }
    try {
      if (isAbandoned(this.#path)) removeIfThere(this.#path);
    } finally {
      closeSync(fd);
      removeIfThere(turn);
    }
  }
}

function createdFile(path: string): number | undefined {
  try {
    return openSync(path, CREATE_OWN, 0o600);
  } catch (error) {
    if (errorCodeOf(error) === "EEXIST") return undefined;
    throw error;
  }
}

function isAbandoned(path: string): boolean {
  const holder = holderOf(path);
  const isGone = holder !== undefined && holder.host === hostname() && !isAlive(holder.pid);
  return isGone || isOld(path);
}

/** Who holds it; `undefined` if it is not there, is being written, or is none of ours. */
function holderOf(path: string): Holder | undefined {
  try {
    return holderSchema.safeParse(parseJson(readOwnFile(path, MAX_BYTES) ?? "")).data;
  } catch {
    return undefined;
  }
}

function isOld(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) > ABANDONED_MS;
}

function date(fd: number): void {
  try {
    const now = new Date();
    futimesSync(fd, now, now);
  } catch {
    // Then others take the lock for abandoned, and run a check of their own.
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCodeOf(error) !== "ENOENT") throw error;
  }
}
