import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";
import type { CodeCache, Kept } from "./code-cache.ts";

/** To compile a shorter file takes no longer than to read what was compiled of it. */
const MIN_BYTES = 8 * 1024;

const MAX_NAME = 40;

/** A long-lived process is often ended without being asked. So it keeps its code once it has started. */
const STARTED_AFTER_MS = 10_000;

interface Loaded {
  readonly name: string;
  readonly bytes: Buffer;
  readonly script: Script;
  readonly kept: Kept | undefined;
}

interface Module {
  exports: unknown;
}

/**
 * Loads the program's own files, as `require` would, and keeps what V8 has compiled of them. They stand in one folder and
 * name each other: there is nothing to look for.
 */
export class CodeLoader {
  readonly #folder: string;
  readonly #cache: CodeCache | undefined;
  /** What this process was started for, such as "hook stop". */
  readonly #command: string;
  readonly #require: NodeJS.Require;
  readonly #modules = new Map<string, Module>();
  readonly #loaded = new Set<Loaded>();

  /** The folder is an absolute path that ends with a separator. Of what was typed, a cache notes no more than a name. */
  constructor(folder: string, cache: CodeCache | undefined, command: string) {
    this.#folder = folder;
    this.#cache = cache;
    this.#command = command.slice(0, MAX_NAME);
    this.#require = createRequire(folder);
    if (cache === undefined) return;
    process.once("exit", () => this.#keep(cache));
    setTimeout(() => this.#keep(cache), STARTED_AFTER_MS).unref();
  }

  load(name: string): unknown {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const path = `${this.#folder}${name}`;
    const bytes = readFileSync(path);
    const cache = bytes.length < MIN_BYTES ? undefined : this.#cache;
    const kept = cache?.read(name, bytes);
    const script = new Script(`(function(exports,require,module,__filename,__dirname){${bytes}\n})`, {
      filename: path,
      cachedData: kept?.code,
    });
    if (cache !== undefined)
      this.#loaded.add({ name, bytes, script, kept: script.cachedDataRejected === true ? undefined : kept });
    const module: Module = { exports: {} };
    this.#modules.set(name, module);
    const require = (id: string) => (id.startsWith("./") ? this.load(id.slice(2)) : this.#require(id));
    script.runInThisContext().call(module.exports, module.exports, require, module, path, this.#folder);
    return module.exports;
  }

  /** What was kept before is still part of what is written, beside what this command has called. */
  #keep(cache: CodeCache): void {
    try {
      let isWritten = false;
      for (const one of this.#loaded) {
        const { bytes, kept, name, script } = one;
        this.#loaded.delete(one);
        const commands = kept?.commands ?? [];
        if (commands.includes(this.#command)) continue;
        cache.write(name, bytes, { code: script.createCachedData(), commands: [...commands, this.#command] });
        isWritten = true;
      }
      if (isWritten) cache.removeOld(Date.now());
    } catch {
      // The disk is full, or the folder cannot be written to: the next process compiles what it needs.
    }
  }
}
