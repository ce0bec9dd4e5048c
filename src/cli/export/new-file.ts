import { constants, rmSync } from "node:fs";
import { access, type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileFailure } from "../input/file-failure.ts";
import { type OpenFolder, openFolder } from "../input/open-folder.ts";
import { partName, removeLeftParts } from "./left-parts.ts";
import type { Output } from "./output.ts";
import { type OutputPlace, shown } from "./output-place.ts";

type FilePlace = Extract<OutputPlace, { kind: "file" }>;

/** A file that is there whole, or as it was before, also where the process is told to end. `name` is what people are told. */
export async function newFile(name: string, { path, stats }: FilePlace): Promise<Output> {
  if (stats !== undefined) await access(path, constants.W_OK);
  const folder = openFolder(dirname(path));
  const to = basename(path);
  removeLeftParts(folder.at("."), to);
  const from = partName(to);
  const callOff = removedWhenEnded(folder.at(from));
  let file: FileHandle;
  try {
    file = await openNew(folder.at(from), stats?.mode);
  } catch (error) {
    callOff();
    folder.close();
    throw error;
  }
  const output = new NewFile(name, file, { folder, from, to, callOff });
  try {
    output.expectInPlace();
    return output;
  } catch (error) {
    await output.abandon();
    throw error;
  }
}

/** The new file may be read by the users who may read the file that it replaces, and by no others. */
async function openNew(path: string, mode: number | undefined): Promise<FileHandle> {
  // What a killed process of the same number has left. Made anew, so that nothing that was put there is followed.
  await rm(path, { force: true });
  const file = await open(path, "wx", mode === undefined ? 0o666 : mode & 0o777);
  if (mode !== undefined) await file.chmod(mode & 0o777);
  return file;
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

/** Where a file is written first, and what it is called in the end. */
interface Move {
  readonly folder: OpenFolder;
  readonly from: string;
  readonly to: string;
  /** Calls off what was arranged for the case that the process is told to end. */
  readonly callOff: () => void;
}

class NewFile implements Output {
  readonly #name: string;
  readonly #file: FileHandle;
  readonly #move: Move;

  constructor(name: string, file: FileHandle, move: Move) {
    this.#name = name;
    this.#file = file;
    this.#move = move;
  }

  /** Fails where the file is not in the folder that was meant: it is to be taken back then. */
  expectInPlace(): void {
    this.#move.folder.expectHolds(this.#move.from, this.#file.fd);
  }

  async write(text: string): Promise<void> {
    // Loops over short counts, which a full disk gives before it fails.
    await this.#writing(() => this.#file.writeFile(text));
  }

  isDone(): boolean {
    return false;
  }

  async finish(): Promise<void> {
    const { callOff, folder, from, to } = this.#move;
    await this.#writing(async () => {
      // Else a machine that fails now could leave the new name with nothing behind it.
      await this.#file.sync();
      this.expectInPlace();
      await this.#file.close();
      await rename(folder.at(from), folder.at(to));
    });
    callOff();
    folder.close();
  }

  async abandon(): Promise<void> {
    const { callOff, folder, from } = this.#move;
    await this.#file.close().catch(() => {});
    await rm(folder.at(from), { force: true }).catch(() => {});
    callOff();
    folder.close();
  }

  async #writing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileFailure(shown(this.#name), "written", error);
    }
  }
}
