import { realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from "node:path";

/** A session is at work in a few folders. Of one that names more, nothing is sure. */
const MOST_FOLDERS = 200;
const LONGEST_PATH = 4096;

/** The folders that the lines of a transcript were written in. */
export class WorkingFolders {
  readonly #folders = new Set<string>();
  #isUnsure = false;

  add(folder: string | undefined): void {
    if (folder === undefined || this.#folders.has(folder)) return;
    if (this.#folders.size >= MOST_FOLDERS || folder.length > LONGEST_PATH) this.#isUnsure = true;
    else this.#folders.add(folder);
  }

  /** Whether there was one, and all of them are this folder or below, by their real paths. */
  areWithin(root: string): boolean {
    const real = realPathOf(root);
    if (real === undefined || this.#isUnsure || this.#folders.size === 0) return false;
    return [...this.#folders].every((folder) => isBelow(real, realPathOf(folder)));
  }
}

function isBelow(root: string, path: string | undefined): boolean {
  const way = path === undefined ? ".." : relative(root, path);
  return !isAbsolute(way) && way.split(sep)[0] !== "..";
}

/** A folder that is gone is where its nearest parent that is still there leads. `undefined` for what is no whole path. */
function realPathOf(path: string): string | undefined {
  if (!isAbsolute(path) || path.includes("\0")) return undefined;
  const gone: string[] = [];
  let at = normalize(path);
  while (true) {
    const real = realPathIfThere(at);
    if (real !== undefined) return join(real, ...gone);
    if (dirname(at) === at) return undefined;
    gone.unshift(basename(at));
    at = dirname(at);
  }
}

function realPathIfThere(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
