import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { parseJson } from "../../domain/text/json.ts";
import { errorCodeOf, KaizenError } from "../../errors.ts";
import { CREATE_OWN, hasOwnFolder, Refused, readOwnFile } from "../../trust/own-file.ts";
import { CheckLock } from "./check-lock.ts";
import { type CheckResult, checkResultSchema } from "./check-result.ts";

export interface CheckMemoryOptions {
  /** In a folder of the user's own; beside it lies the lock. One for each root. */
  readonly file: string;
  /** The line that is run: another one's results say nothing. */
  readonly command: string;
  /** How long to wait for another process's check, in ms. */
  readonly longestWaitMs: number;
  /** Called once if another process is at its check. */
  readonly onWait?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const KEPT = 200;
const MAX_BYTES = 1024 * 1024;
const PAUSE_MS = 100;

const entrySchema = checkResultSchema.extend({
  /** The id of the git tree that was checked. */
  tree: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
  /** Of the line, so that the line itself is not here. */
  command: z.string().regex(/^[0-9a-f]{16}$/),
});

type Entry = z.infer<typeof entrySchema>;

const fileSchema = z.object({ version: z.literal(1), results: z.array(entrySchema) });

/** What the checks of one root came to, by tree, so that none is checked twice. At most one check runs at a time. */
export class CheckMemory {
  readonly #options: CheckMemoryOptions;
  readonly #command: string;

  constructor(options: CheckMemoryOptions) {
    this.#options = options;
    this.#command = createHash("sha256").update(options.command).digest("hex").slice(0, 16);
  }

  /** What the check of a tree came to; `undefined` if that is not known. */
  recall(tree: string): CheckResult | undefined {
    const found = this.#read().find((entry) => entry.tree === tree && entry.command === this.#command);
    return found === undefined ? undefined : checkResultSchema.parse(found);
  }

  /**
   * Runs the check of a tree, unless its result is known or comes while another process is waited for. `undefined` if
   * that process took too long. What did not start is tried again the next time. Fails with a `KaizenError` if the lock
   * cannot be kept, and as `check` does.
   */
  async once(
    tree: string,
    check: () => Promise<CheckResult>,
  ): Promise<{ readonly result: CheckResult; readonly isKnown: boolean } | undefined> {
    const known = this.recall(tree);
    if (known !== undefined) return { result: known, isKnown: true };
    const lock = new CheckLock(`${this.#options.file}.lock`);
    if (!(await this.#take(lock, tree))) {
      const meanwhile = this.recall(tree);
      return meanwhile === undefined ? undefined : { result: meanwhile, isKnown: true };
    }
    try {
      const meanwhile = this.recall(tree);
      if (meanwhile !== undefined) return { result: meanwhile, isKnown: true };
      const result = await check();
      if (result.outcome !== "not_started") this.#remember({ ...result, tree, command: this.#command });
      return { result, isKnown: false };
    } finally {
      lock.release();
    }
  }

  /** Waits for the lock, until it is taken, the tree's result is known, or the time is over. Gives whether it is taken. */
  async #take(lock: CheckLock, tree: string): Promise<boolean> {
    const { longestWaitMs, onWait, signal } = this.#options;
    const deadline = performance.now() + longestWaitMs;
    for (let turn = 0; ; turn += 1) {
      signal?.throwIfAborted();
      if (this.#guarded(() => lock.tryTake())) return true;
      if (turn === 0) onWait?.();
      if (performance.now() >= deadline || this.recall(tree) !== undefined) return false;
      await delay(PAUSE_MS);
    }
  }

  #guarded<Result>(step: () => Result): Result {
    const { file } = this.#options;
    try {
      const folder = dirname(file);
      if (!hasOwnFolder(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
      return step();
    } catch (cause) {
      const reason = cause instanceof Refused ? cause.message : `${file} (${errorCodeOf(cause) ?? "no reason given"})`;
      throw new KaizenError("IO_ERROR", `The check did not run, for its lock cannot be kept: ${reason}.`, {
        hint: "Repair it, or set XDG_STATE_HOME to a folder of yours that can be written to.",
        cause,
      });
    }
  }

  /** A file that cannot be believed counts as none. */
  #read(): Entry[] {
    try {
      if (!hasOwnFolder(dirname(this.#options.file))) return [];
      const text = readOwnFile(this.#options.file, MAX_BYTES);
      return fileSchema.safeParse(parseJson(text ?? "")).data?.results ?? [];
    } catch (error) {
      if (error instanceof Refused) return [];
      throw error;
    }
  }

  /** Comes under the lock. The result is as good if it cannot be kept: then the tree is checked again one day. */
  #remember(entry: Entry): void {
    const { file } = this.#options;
    const others = this.#read().filter(({ command, tree }) => tree !== entry.tree || command !== entry.command);
    const results = [...others, entry].slice(-KEPT);
    try {
      replaceFile(file, `${JSON.stringify({ version: 1, results })}\n`);
    } catch {
      // The disk is full, or may not be written to any more.
    }
  }
}

function replaceFile(file: string, text: string): void {
  const next = `${file}.new`;
  try {
    // Of a process that was killed here.
    unlinkSync(next);
  } catch (error) {
    if (errorCodeOf(error) !== "ENOENT") throw error;
  }
  const fd = openSync(next, CREATE_OWN, 0o600);
  try {
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(next, file);
}
