import { constants, copyFileSync, type Stats, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { GitLeftOut } from "../../domain/evidence/evidence.ts";
import { findRepository } from "./find-repository.ts";
import { leftOutName } from "./left-out-folder.ts";
import { LeftOut, Limit } from "./limit.ts";
import { type Git, homeOf } from "./private/git-environment.ts";
import { makePrivateFolder, removePrivateFolder } from "./private/private-folder.ts";
import { type PrivateGit, whyLeftOut, withPrivateGit } from "./private/private-git.ts";
import { isId } from "./read-ref.ts";
import { snapshotOf } from "./snapshot.ts";
import { Worktree } from "./working-copy/changed-files.ts";
import { filtersOf } from "./working-copy/filters.ts";
import { stageWorkingCopy, writeTree } from "./working-copy/stage.ts";

export interface CheckoutOptions {
  readonly git: Git | undefined;
  /** For making the checkout, and again for `treeNow`; not for what is done with it. */
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** The store's own folder, which is left out of the tree. */
  readonly without?: string | undefined;
  /**
   * Folders of the working copy that its tree leaves out, such as `node_modules`. Each becomes a symbolic link
   * to the working copy's own: what is written into it stays there.
   */
  readonly link?: readonly string[];
}

/** A tree of a working copy in a folder of its own, which is no repository. */
export interface Checkout {
  /** Only this user may look into it (0700). */
  readonly folder: string;
  readonly tree: string;
  /** Submodules and nested repositories: each is an empty folder. */
  readonly nested: number;
  /** Folders that were asked for and are there, by their names. */
  readonly linked: readonly string[];
  /** The id of the working copy's tree as it is by now; `undefined` if it cannot be told. */
  treeNow(): Promise<string | undefined>;
}

const MOST_COPIED_BYTES = 1 << 30;

/**
 * Writes a working copy's tree into a temporary folder, does something with it, and removes it. No filter is run: files
 * that go through one, as those of Git LFS do, are copied as they are in the working copy. Files that a sparse checkout
 * leaves out are left out here too.
 */
export function withCheckout<T>(
  cwd: string,
  options: CheckoutOptions,
  use: (checkout: Checkout) => Promise<T>,
): Promise<{ readonly answer: T } | { readonly leftOut: GitLeftOut }> {
  return inFolder(cwd, options, (folder, found) => fill(folder, cwd, found, options), use);
}

async function inFolder<C, T>(
  cwd: string,
  options: CheckoutOptions,
  fillWith: (folder: string, found: ReturnType<typeof repositoryFor>) => Promise<C>,
  use: (checkout: C) => Promise<T>,
): Promise<{ readonly answer: T } | { readonly leftOut: GitLeftOut }> {
  let folder: string | undefined;
  const remove = () => folder === undefined || removePrivateFolder(folder);
  process.once("exit", remove);
  try {
    let checkout: C;
    try {
      const found = repositoryFor(cwd, options);
      folder = makePrivateFolder("tree", found.repository.worktree);
      checkout = await fillWith(folder, found);
    } catch (error) {
      return { leftOut: whyLeftOut(error) };
    }
    return { answer: await use(checkout) };
  } finally {
    remove();
    process.off("exit", remove);
  }
}

/**
 * Writes the tree of a commit into a temporary folder, does something with it, and removes it. Files that go through a
 * filter are as the commit holds them: of Git LFS the pointers.
 */
export async function withCommitCheckout<T>(
  cwd: string,
  commit: string,
  options: CheckoutOptions,
  use: (checkout: Pick<Checkout, "folder" | "tree">) => Promise<T>,
): Promise<{ readonly answer: T } | { readonly leftOut: GitLeftOut }> {
  const fillWith = async (folder: string, found: ReturnType<typeof repositoryFor>) => {
    const limit = new Limit(options.limitMs, options.signal);
    const tree = await withPrivateGit({ ...found, limit, withIndex: false }, async (git) => {
      if (!isId(commit)) throw new LeftOut("failed");
      await git.run(["read-tree", commit]);
      await checkOut(git, folder, await entriesIn(git));
      return writeTree(git);
    });
    for (const name of options.link ?? []) linkFolder(name, found.repository.worktree, folder);
    return { folder, tree };
  };
  return inFolder(cwd, options, fillWith, use);
}

function repositoryFor(cwd: string, { git }: CheckoutOptions) {
  if (git === undefined) throw new LeftOut("no_git");
  return { git, repository: findRepository(cwd, homeOf(git)) };
}

async function fill(
  folder: string,
  cwd: string,
  found: ReturnType<typeof repositoryFor>,
  { limitMs, link = [], signal, without }: CheckoutOptions,
): Promise<Checkout> {
  const limit = new Limit(limitMs, signal);
  const { git, repository } = found;
  const { nested, tree } = await withPrivateGit({ ...found, limit, withIndex: true }, (opened) =>
    write(opened, folder, leftOutName(repository.worktree, without)),
  );
  const linked = link.filter((name) => linkFolder(name, repository.worktree, folder));
  const treeNow = async () => (await snapshotOf(cwd, { git, limitMs, secret: undefined, without })).tree;
  return { folder, tree, nested, linked, treeNow };
}

async function write(git: PrivateGit, folder: string, leftOut: string): Promise<{ tree: string; nested: number }> {
  await stageWorkingCopy(git, leftOut);
  const [tree, entries] = await Promise.all([writeTree(git), entriesIn(git)]);
  const files = entries.filter(({ mode }) => mode.startsWith("100")).map(({ name }) => name);
  const filtered = await filtersOf(git, files);
  await checkOut(git, folder, entries);
  copyAsTheyAre(git, [...filtered.keys()], folder);
  return { tree, nested: entries.filter(({ mode }) => mode === "160000").length };
}

type Entry = ReturnType<typeof readEntry>[number];

async function entriesIn(git: PrivateGit): Promise<Entry[]> {
  const listing = await git.run(["ls-files", "-z", "--stage"]);
  return listing.toString("latin1").split("\0").flatMap(readEntry);
}

async function checkOut(git: PrivateGit, folder: string, entries: readonly Entry[]): Promise<void> {
  // Git does not look at the names in an index that it is given.
  if (!entries.every(({ name }) => isPlainName(name))) throw new LeftOut("failed");
  await git.run(["checkout-index", "--all", "--force", "--quiet", `--prefix=${folder}/`]);
}

function readEntry(entry: string): { mode: string; name: string }[] {
  const [, mode, name] = /^(\d{6}) [0-9a-f]{40,64} \d\t([\s\S]+)$/.exec(entry) ?? [];
  return mode === undefined || name === undefined ? [] : [{ mode, name }];
}

/** Whether a name stays below the folder that it is looked up in, also on Windows, and is not git's. */
function isPlainName(name: string): boolean {
  return name.split(/[\\/]/).every((step) => !/^(?:\.{0,2}|\.git|git~1)$/i.test(step)) && !/^[a-z]:/i.test(name);
}

function copyAsTheyAre(git: PrivateGit, names: readonly string[], folder: string): void {
  const from = new Worktree(git.repository.worktree);
  const to = new Worktree(folder);
  let bytes = 0;
  for (const name of names) {
    git.limit.check();
    const size = plainSize(from.statOf(name));
    if (size === undefined || plainSize(to.statOf(name)) === undefined) continue;
    bytes += size;
    if (bytes > MOST_COPIED_BYTES) throw new LeftOut("size");
    copyFileSync(from.bytesOf(name), to.bytesOf(name), constants.COPYFILE_FICLONE);
  }
}

function plainSize(stats: Stats | undefined): number | undefined {
  return stats?.isFile() ? stats.size : undefined;
}

/** Whether a folder was linked: it has to be one of the working copy itself, and not in the tree. */
function linkFolder(name: string, worktree: string, folder: string): boolean {
  if (!isPlainName(name)) return false;
  const [from, to] = [join(worktree, name), join(folder, name)];
  if (statSync(from, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  const [within, parent] = [new Worktree(folder), name.slice(0, Math.max(0, name.lastIndexOf("/")))];
  // In a copy of what an agent left, a folder on the way there may be a link.
  if (parent !== "" && within.statOf(parent)?.isDirectory() !== true) return false;
  if (within.statOf(name) !== undefined) return false;
  symlinkSync(from, to, "junction");
  return true;
}
