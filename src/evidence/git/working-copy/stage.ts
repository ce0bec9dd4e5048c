import { join } from "node:path";
import { LeftOut } from "../limit.ts";
import { isOn, isSha256 } from "../private/git-values.ts";
import type { PrivateGit } from "../private/private-git.ts";
import { isId } from "../read-ref.ts";
import { type ChangedFile, type Changes, changesOf, Worktree } from "./changed-files.ts";
import { filtersOf, lines, mayHaveFilters } from "./filters.ts";
import { pointerOf, writeBlob } from "./lfs-pointer.ts";

/** Smaller files are added while their filters are looked up, larger ones after that: theirs is likelier to be Git LFS. */
const SMALL_BYTES = 1 << 20;

/**
 * Brings the private index to what `git add --all` would make of the repository's own; `git add` itself would run programs
 * that the repository names. The folder `leftOut` is taken out, by its name in git. Gives what it had to change. Throws
 * `LeftOut`: `filter` for a changed file that goes through a filter other than Git LFS.
 */
export async function stageWorkingCopy(git: PrivateGit, leftOut: string): Promise<Changes> {
  const changes = await changesOf(git, leftOut);
  const { files, gone, nested } = changes;
  const [small, large] = [files.filter(isSmall), files.filter((file) => !isSmall(file))];
  const looked = namesOf(files.filter(({ stats }) => stats.isFile()));
  const asked = mayHaveFilters(git, looked, changes.entries) ? filtersOf(git, looked) : new Map<string, string>();
  const [filters] = await Promise.all([asked, add(git, small)]);
  if ([...filters.values()].some((filter) => filter !== "lfs")) throw new LeftOut("filter");
  const kept = files.filter(({ name }) => filters.has(name));
  const entries = [
    ...gone.map((name) => `0 ${"0".repeat(isSha256(git.values) ? 64 : 40)}\t${name}`),
    ...nested.map(({ commit, name }) => `160000 ${commit}\t${name}`),
    ...(await pointerEntries(git, kept)),
  ];
  if (entries.length > 0) await git.run(["update-index", "-z", "--index-info"], lines(entries));
  await add(
    git,
    large.filter(({ name }) => !filters.has(name)),
  );
  return changes;
}

/** A file may take the place of a folder, and the other way round. */
async function add(git: PrivateGit, files: readonly ChangedFile[]): Promise<void> {
  if (files.length === 0) return;
  const args = ["update-index", "-z", "--add", "--remove", "--replace", "--ignore-skip-worktree-entries", "--stdin"];
  await git.run(args, lines(namesOf(files)));
}

function isSmall({ stats }: ChangedFile): boolean {
  return stats.size < SMALL_BYTES;
}

/** The id of the private index's tree. Objects that are missing in a partial clone are not asked for. */
export async function writeTree(git: PrivateGit): Promise<string> {
  const id = (await git.run(["write-tree", "--missing-ok"])).toString("latin1").trim();
  if (!isId(id)) throw new LeftOut("failed");
  return id;
}

async function pointerEntries(git: PrivateGit, files: readonly ChangedFile[]): Promise<string[]> {
  const worktree = new Worktree(git.repository.worktree);
  const objects = join(git.folder, "objects");
  const entries: string[] = [];
  for (const { modeBefore, name, stats } of files) {
    const pointer = await pointerOf(worktree.bytesOf(name), git.limit);
    const id = writeBlob(objects, pointer, isSha256(git.values) ? "sha256" : "sha1");
    const seesModes = isOn(git.values, "core.filemode", true);
    const mode = seesModes ? ((stats.mode & 0o100) === 0 ? "100644" : "100755") : (modeBefore ?? "100644");
    entries.push(`${mode} ${id}\t${name}`);
  }
  return entries;
}

function namesOf(files: readonly ChangedFile[]): string[] {
  return files.map(({ name }) => name);
}
