import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { findNested } from "../find-repository.ts";
import { isLeftOut } from "../left-out-folder.ts";
import { LeftOut } from "../limit.ts";
import type { PrivateGit } from "../private/private-git.ts";
import { readHead } from "../read-ref.ts";
import { type IndexEntry, readIndexEntry } from "./index-entries.ts";

/** A file that is not as the index has it. */
export interface ChangedFile {
  /** From the top of the working copy; bytes, each as one character. */
  readonly name: string;
  readonly stats: Stats;
  /** Its mode in the index, such as 100644; `undefined` for a file that is not in it. */
  readonly modeBefore: string | undefined;
}

/** What a working copy has that its index has not, and the other way round. */
export interface Changes {
  /** Plain files and symbolic links. */
  readonly files: readonly ChangedFile[];
  /** Names that are in the index, and in the working copy no more, or left out. */
  readonly gone: readonly string[];
  /** Repositories in the repository, each with the commit that is checked out in it. */
  readonly nested: readonly { readonly name: string; readonly commit: string }[];
  /** What the index holds, in git's order, apart from what is left out. */
  readonly entries: readonly IndexEntry[];
}

const MOST_NAMES = 20_000;
const MOST_BYTES = 64 << 20;

/** All of the index, and again what is changed or missing; and what is new. A letter before each says which. */
const listing = ["ls-files", "-z", "-v", "--stage", "-m", "-d", "-o", "--exclude-standard"];

/** What lies in the folder `leftOut` is gone. Throws `LeftOut`, `size` beyond 20,000 names or 64 MiB. */
export async function changesOf(git: PrivateGit, leftOut: string): Promise<Changes> {
  const { entries, names, removed } = readListing(await git.run(listing), leftOut);
  if (names.size > MOST_NAMES) throw new LeftOut("size");
  const worktree = new Worktree(git.repository.worktree);
  const files: ChangedFile[] = [];
  const gone = [...removed];
  const nested: { name: string; commit: string }[] = [];
  let bytes = 0;
  for (const [name, modeBefore] of names) {
    git.limit.check();
    const stats = worktree.statOf(name);
    const commit = stats?.isDirectory() ? headOf(worktree.pathOf(name)) : undefined;
    if (stats?.isFile() || stats?.isSymbolicLink()) files.push({ name, stats, modeBefore });
    else if (commit !== undefined) nested.push({ name, commit });
    // Git lists a submodule because its commit is another one: which, is kept in a way that we do not read.
    else if (stats?.isDirectory() && modeBefore === "160000") throw new LeftOut("failed");
    // Git holds no nested repository without a commit.
    else if (modeBefore !== undefined) gone.push(name);
    bytes += stats?.isFile() ? stats.size : 0;
    if (bytes > MOST_BYTES) throw new LeftOut("size");
  }
  return { files, gone, nested, entries };
}

interface Listing {
  readonly entries: IndexEntry[];
  /** The mode in the index of each name that changed, or `undefined` for one that is not in it. */
  readonly names: Map<string, string | undefined>;
  /** What is in the index, and left out. */
  readonly removed: Set<string>;
}

function readListing(output: Buffer, leftOut: string): Listing {
  const [entries, names, removed]: [IndexEntry[], Listing["names"], Set<string>] = [[], new Map(), new Set()];
  for (const text of output.toString("latin1").split("\0")) {
    const [letter = "", rest] = [text[0], text.slice(2)];
    // Small for what is assumed to be unchanged. Git looks neither at that nor at what a sparse checkout leaves out (S).
    const entry = letter === "?" ? undefined : readIndexEntry(rest, letter === "H" || letter === "M");
    const name = entry?.name ?? (letter === "?" ? rest.replace(/\/$/, "") : "");
    if (text === "") continue;
    if (name === "") throw new LeftOut("failed");
    if (isLeftOut(name, leftOut)) {
      if (entry !== undefined) removed.add(name);
      continue;
    }
    if (entry !== undefined && /[HMS]/i.test(letter)) entries.push(entry);
    // M is a side of a merge that stopped: it is held, and its name has changed.
    if (!/[HS]/i.test(letter)) names.set(name, entry?.mode ?? names.get(name));
  }
  return { entries, names, removed };
}

/** Submodules and other repositories are never entered by git: where their HEAD stands is data. */
function headOf(folder: string): string | undefined {
  const repository = findNested(folder);
  return repository === undefined ? undefined : readHead(repository);
}

/** The files of a working copy by their names in git. */
export class Worktree {
  readonly #top: string;
  readonly #folders = new Map<string, boolean>();

  constructor(top: string) {
    this.#top = top;
  }

  /** `undefined` for what is not there, or only behind a symbolic link, where git sees nothing. */
  statOf(name: string): Stats | undefined {
    const parent = name.lastIndexOf("/");
    if (parent > 0 && !this.#isFolder(name.slice(0, parent))) return undefined;
    return lstatSync(this.bytesOf(name), { throwIfNoEntry: false });
  }

  bytesOf(name: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.#top}/`), Buffer.from(name, "latin1")]);
  }

  pathOf(name: string): string {
    return join(this.#top, Buffer.from(name, "latin1").toString("utf8"));
  }

  #isFolder(name: string): boolean {
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const answer = this.statOf(name)?.isDirectory() ?? false;
    this.#folders.set(name, answer);
    return answer;
  }
}
