import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PrivateGit } from "../private/private-git.ts";
import { Worktree } from "./changed-files.ts";
import type { IndexEntry } from "./index-entries.ts";

const FILE = ".gitattributes";

/** Whether there are attributes for any of these files: in the private git directory, the index, or a folder on the way. */
export function mayHaveFilters(git: PrivateGit, names: readonly string[], entries: readonly IndexEntry[]): boolean {
  if (names.length === 0) return false;
  if (existsSync(join(git.folder, "info", "attributes"))) return true;
  // Git also looks into the index, for a file that is gone.
  if (entries.some(({ name }) => name.toLowerCase().endsWith(FILE))) return true;
  const worktree = new Worktree(git.repository.worktree);
  return [...foldersOf(names)].some((folder) => mayBeThere(worktree, folder + FILE));
}

/** Each with the slash at its end; the top is empty. */
function foldersOf(names: readonly string[]): Set<string> {
  const folders = new Set([""]);
  for (const name of names) {
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
      const folder = name.slice(0, end + 1);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}

function mayBeThere(worktree: Worktree, name: string): boolean {
  try {
    return worktree.statOf(name) !== undefined;
  } catch {
    return true;
  }
}

/** The filter of each name that has one, by the attributes of the working copy. A filter is a program: it is never run. */
export async function filtersOf(git: PrivateGit, names: readonly string[]): Promise<Map<string, string>> {
  const filters = new Map<string, string>();
  if (names.length === 0) return filters;
  const output = await git.run(["check-attr", "-z", "--stdin", "filter"], lines(names));
  const fields = output.toString("latin1").split("\0");
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [name = "", , value = ""] = fields.slice(at, at + 3);
    if (!["unspecified", "unset", "set"].includes(value)) filters.set(name, value);
  }
  return filters;
}

/** Names or lines as git reads them with `-z`. */
export function lines(entries: readonly string[]): Buffer {
  return Buffer.from(entries.map((entry) => `${entry}\0`).join(""), "latin1");
}
