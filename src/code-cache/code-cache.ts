import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

// Stands in for Node's own compile cache, which Node 20 does not have, and which keeps of a file what was compiled before
// it ran: a function is then compiled again in each process that calls it. This one keeps what a command has called.

/** Of one file of the program: what V8 has compiled of it, and for which commands. */
export interface Kept {
  readonly code: Buffer;
  readonly commands: readonly string[];
}

/** What stands before the code, as JSON, filled up with spaces: V8 wants its data at a multiple of eight. */
interface Head {
  readonly checksum: number;
  readonly commands: readonly string[];
}

const HEAD_BYTES = 4096;
const MAX_COMMANDS = 64;
/** After so many days without being written, a file is of a version of the program or of Node that is gone, or made again. */
const DAYS_KEPT = 30;
const DAY_MS = 24 * 60 * 60 * 1_000;

const UNFINISHED = ".unfinished";

export class CodeCache {
  readonly #folder: string;
  /** Whatever decides, beside the source, whether V8 can use what it has compiled. */
  readonly #surroundings: string;

  constructor(folder: string) {
    this.#folder = folder;
    const { env, execArgv, versions } = process;
    this.#surroundings = JSON.stringify([versions.v8, process.arch, execArgv, env.NODE_OPTIONS]);
  }

  /** `undefined` if there is none. What a power cut has left half written counts as none: V8 would take it as it is. */
  read(name: string, source: Buffer): Kept | undefined {
    try {
      const file = readFileSync(this.#path(name, source));
      const { checksum, commands }: Head = JSON.parse(file.toString("latin1", 0, HEAD_BYTES));
      const code = file.subarray(HEAD_BYTES);
      return crc32(code) === checksum ? { code, commands } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Throws where it cannot be written. */
  write(name: string, source: Buffer, { code, commands }: Kept): void {
    const head: Head = { checksum: crc32(code), commands: commands.slice(-MAX_COMMANDS) };
    const path = this.#path(name, source);
    const unfinished = `${path}.${process.pid}${UNFINISHED}`;
    // What lies here is run: so only this user may write here.
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(unfinished, Buffer.concat([Buffer.from(JSON.stringify(head).padEnd(HEAD_BYTES), "latin1"), code]));
      renameSync(unfinished, path);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }

  removeOld(nowMs: number): void {
    for (const name of readdirSync(this.#folder)) {
      const path = `${this.#folder}/${name}`;
      const days = (nowMs - statSync(path).mtimeMs) / DAY_MS;
      if (days > DAYS_KEPT || (name.endsWith(UNFINISHED) && days > 1)) rmSync(path, { force: true });
    }
  }

  #path(name: string, source: Buffer): string {
    const sum = crc32(source, crc32(this.#surroundings));
    return `${this.#folder}/${name}.${process.version}.${sum.toString(16).padStart(8, "0")}`;
  }
}

function crc32(data: string | Buffer, seed?: number): number {
  return process.getBuiltinModule("node:zlib").crc32(data, seed);
}
