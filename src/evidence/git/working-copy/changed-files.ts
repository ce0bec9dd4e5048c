import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { findNested } from "../find-repository.ts";
import { isLeftOut } from "../left-out-folder.ts";
import { LeftOut } from "../limit.ts";
import type { PrivateGit } from "../private/private-git.ts";
import { readHead } from "../read-ref.ts";

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
  /** Names that are in the index, and in the working copy no more. */
  readonly gone: string[];
  /** Repositories in the repository, each with the commit that is checked out in it. */
  readonly nested: readonly { readonly name: string; readonly commit: string }[];
}

const MOST_NAMES = 20_000;
const MOST_BYTES = 64 << 20;

/** Changed, missing, unmerged and new; a letter before each says which. */
const listing = ["ls-files", "-z", "-t", "-u", "-m", "-d", "-o", "--exclude-standard"];

/** Without what lies in the folder `leftOut`. Throws `LeftOut`, `size` beyond 20,000 names or 64 MiB. */
export async function changesOf(git: PrivateGit, leftOut: string): Promise<Changes> {
  const names = readListing(await git.run(listing), leftOut);
  if (names.size > MOST_NAMES) throw new LeftOut("size");
  const worktree = new Worktree(git.repository.worktree);
  const files: ChangedFile[] = [];
  const gone: string[] = [];
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
  return { files, gone, nested };
}

/** The mode in the index of each name, or `undefined` for one that is not in it. */
function readListing(output: Buffer, leftOut: string): Map<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  for (const entry of output.toString("latin1").split("\0")) {
    const tracked = /^[A-Z] (\d{6}) [0-9a-f]{40,64} [0-3]\t([\s\S]+)$/.exec(entry);
    const [, mode, name = /^\? ([\s\S]+?)\/?$/.exec(entry)?.[1]] = tracked ?? [];
    if (name !== undefined && !isLeftOut(name, leftOut)) names.set(name, mode ?? names.get(name));
  }
  return names;
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
