import { closeSync, type Dirent, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** A file of the store, as it is seen from outside. */
export interface StoredFile {
  /** Below the folder that was looked at, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Lines that are ended; `null` if the file does not consist of lines. */
  readonly lines: number | null;
}

/** Something that could not be looked at, and why. */
export interface Unread {
  readonly path: string;
  readonly problem: string;
}

export interface StoredFiles {
  readonly files: StoredFile[];
  readonly unread: Unread[];
}

/** Links are not followed: this only looks. What went away meanwhile is not there. */
export function filesBelow(folder: string, step: (done: number) => void): StoredFiles {
  const found: StoredFiles = { files: [], unread: [] };
  const attempt = (path: string, look: () => void) => {
    try {
      look();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      if (code !== "ENOENT") found.unread.push({ path, problem: code });
    }
  };
  const scan = (inside: string) => {
    for (const entry of entriesOf(join(folder, inside))) {
      const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
      attempt(path, () => {
        if (entry.isDirectory() && isPlaceOfLog(path)) found.unread.push({ path, problem: "a folder, not a file" });
        else if (entry.isDirectory()) scan(path);
        else if (entry.isFile()) found.files.push(measured(join(folder, path), path));
        else found.unread.push({ path, problem: entry.isSymbolicLink() ? "a link, not followed" : "not a file" });
      });
      step(found.files.length);
    }
  };
  attempt("", () => scan(""));
  return found;
}

/** Below the folders of agents, who may have such a name themselves. */
function isPlaceOfLog(path: string): boolean {
  return /^metrics\/[^/]+\/[^/]+\.jsonl$/.test(path);
}

function entriesOf(folder: string): Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function measured(full: string, path: string): StoredFile {
  const bytes = lstatSync(full).size;
  return { path, bytes, lines: path.endsWith(".jsonl") ? countLines(full) : null };
}

function countLines(path: string): number {
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(64 * 1024);
    let lines = 0;
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
      for (let at = buffer.indexOf(10); at !== -1 && at < read; at = buffer.indexOf(10, at + 1)) lines += 1;
    }
    return lines;
  } finally {
    closeSync(fd);
  }
}
