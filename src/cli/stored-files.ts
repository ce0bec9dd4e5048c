import { closeSync, type Dirent, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";

/** A file of the store, as it is seen from outside. */
export interface StoredFile {
  /** Below the folder that was looked at, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Lines that are ended; `null` where the file does not consist of lines. */
  readonly lines: number | null;
}

/** Links are not followed, and a folder that cannot be read is passed over: this only looks. */
export function filesBelow(folder: string, step: (done: number) => void, inside = ""): StoredFile[] {
  const files: StoredFile[] = [];
  for (const entry of entriesOf(folder)) {
    const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
    const full = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...filesBelow(full, step, path));
    else if (entry.isFile()) files.push(...measured(full, path));
    step(files.length);
  }
  return files;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** Nothing for a file that went away meanwhile, or that may not be read. */
function measured(full: string, path: string): StoredFile[] {
  try {
    const bytes = lstatSync(full).size;
    return [{ path, bytes, lines: path.endsWith(".jsonl") ? countLines(full) : null }];
  } catch {
    return [];
  }
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
