import { access, constants, type FileHandle, open, realpath, rename, stat, unlink } from "node:fs/promises";
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

/** A file that is there whole, or as it was before. A device or pipe is written to as it is. */
export async function fileOutput(path: string): Promise<Output> {
  const target = await realTarget(resolve(path));
  if (target.split(sep).includes(".kaizen")) {
    throw new KaizenError(
      "INVALID_ARGUMENT",
      `--output is ${JSON.stringify(path.slice(0, 300))}, which is the store's own.`,
      {
        hint: "Name a file outside of .kaizen.",
      },
    );
  }
  return writing(path, async () => {
    const stats = await stat(target).catch(() => undefined);
    const isPlain = stats === undefined || stats.isFile();
    if (stats !== undefined) await access(target, constants.W_OK);
    const written = isPlain ? `${target}.part-${process.pid}` : target;
    // Who may read the file that is replaced may read the new one, and nobody else.
    const file = await open(written, "w", stats === undefined ? 0o666 : stats.mode & 0o777);
    if (isPlain && stats !== undefined) await file.chmod(stats.mode & 0o777);
    return new FileOutput(path, file, isPlain ? { from: written, to: target } : undefined);
  });
}

/** Where a path leads, for a file that may not be there yet. */
async function realTarget(path: string): Promise<string> {
  const folder = () => realpath(dirname(path)).catch(() => dirname(path));
  return realpath(path).catch(async () => join(await folder(), basename(path)));
}

class FileOutput implements Output {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #move: { readonly from: string; readonly to: string } | undefined;

  constructor(path: string, file: FileHandle, move: { readonly from: string; readonly to: string } | undefined) {
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
      await this.#file.close();
      if (this.#move !== undefined) await rename(this.#move.from, this.#move.to);
    });
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
    if (this.#move !== undefined) await unlink(this.#move.from).catch(() => {});
  }
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(JSON.stringify(path.slice(0, 300)), "written", error);
  }
}
