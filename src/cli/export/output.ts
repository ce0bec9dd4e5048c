import { rmSync } from "node:fs";
import { access, constants, type FileHandle, lstat, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { CommandContext } from "../define-command.ts";
import { fileFailure } from "../file-failure.ts";

/** Where an export is written to. */
export interface Output {
  write(text: string): Promise<void>;
  /** Whether there is no more use in writing. */
  isDone(): boolean;
  /** Makes what was written last. */
  finish(): Promise<void>;
  /** Takes it back, as far as that can be done. */
  abandon(): Promise<void>;
}

export function standardOutput(context: CommandContext): Output {
  return {
    write: (text) => context.print(text),
    isDone: () => context.isReaderGone(),
    async finish() {},
    async abandon() {},
  };
}

/**
 * A file that is there whole, or as it was before, also where the process is told to end. A device or pipe is written to
 * as it is, and a link is followed; one that leads nowhere is refused, as cp does, for nobody knows what was meant.
 */
export async function fileOutput(path: string): Promise<Output> {
  const target = await realTarget(path);
  if (target.split(sep).includes(".kaizen")) {
    throw new KaizenError("INVALID_ARGUMENT", `--output is ${shown(path)}, which is the store's own.`, {
      hint: "Name a file outside of .kaizen.",
    });
  }
  return writing(path, async () => {
    const stats = await stat(target).catch(() => undefined);
    const isPlain = stats === undefined || stats.isFile();
    if (stats !== undefined) await access(target, constants.W_OK);
    if (!isPlain) return new FileOutput(path, await open(target, "w"), undefined);
    const part = `${target}.part-${process.pid}`;
    const callOff = removedWhenEnded(part);
    try {
      return new FileOutput(path, await newFile(part, stats?.mode), { from: part, to: target, callOff });
    } catch (error) {
      callOff();
      throw error;
    }
  });
}

/** Who may read the file that is replaced may read the new one, and nobody else. */
async function newFile(path: string, mode: number | undefined): Promise<FileHandle> {
  // What a killed process of the same number has left. Made anew, so that nothing that was put there is followed.
  await rm(path, { force: true });
  const file = await open(path, "wx", mode === undefined ? 0o666 : mode & 0o777);
  if (mode !== undefined) await file.chmod(mode & 0o777);
  return file;
}

/** Where a path leads, for a file that may not be there yet. */
async function realTarget(given: string): Promise<string> {
  const path = resolve(given);
  const folder = () => realpath(dirname(path)).catch(() => dirname(path));
  return realpath(path).catch(async () => {
    const isLink = await lstat(path).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
    if (!isLink) return join(await folder(), basename(path));
    throw new KaizenError("UNSAFE_PATH", `${shown(given)} is a symbolic link that leads nowhere.`, {
      hint: "Take it away, or name the file that it should lead to.",
    });
  });
}

const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Takes a file away where a signal ends the process, which then ends by it. Gives what calls that off. */
function removedWhenEnded(path: string): () => void {
  const end = (signal: NodeJS.Signals) => {
    callOff();
    rmSync(path, { force: true });
    process.kill(process.pid, signal);
  };
  const callOff = () => {
    for (const signal of endings) process.off(signal, end);
  };
  for (const signal of endings) process.on(signal, end);
  return callOff;
}

/** What is written first, and what becomes of it. */
interface Move {
  readonly from: string;
  readonly to: string;
  /** Calls off what was arranged for the case that the process is told to end. */
  readonly callOff: () => void;
}

class FileOutput implements Output {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #move: Move | undefined;

  constructor(path: string, file: FileHandle, move: Move | undefined) {
    this.#path = path;
    this.#file = file;
    this.#move = move;
  }

  async write(text: string): Promise<void> {
    // Loops over short counts, which a full disk gives before it fails.
    await writing(this.#path, () => this.#file.writeFile(text));
  }

  isDone(): boolean {
    return false;
  }

  async finish(): Promise<void> {
    await writing(this.#path, async () => {
      // Else a machine that fails now could leave the new name with nothing behind it.
      if (this.#move !== undefined) await this.#file.sync();
      await this.#file.close();
      if (this.#move !== undefined) await rename(this.#move.from, this.#move.to);
      this.#move?.callOff();
    });
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    if (this.#move !== undefined) await rm(this.#move.from, { force: true }).catch(() => {});
    this.#move?.callOff();
  }
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(shown(path), "written", error);
  }
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 300));
}
