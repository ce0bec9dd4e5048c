import type { GitLeftOut } from "../../domain/evidence/evidence.ts";
import { decidesCheck } from "../../domain/evidence/test-configuration.ts";
import { findRepository, type Repository } from "./find-repository.ts";
import { leftOutName } from "./left-out-folder.ts";
import { LeftOut, Limit } from "./limit.ts";
import { blobMark, markOf } from "./marks.ts";
import { type Git, homeOf } from "./private/git-environment.ts";
import { isSha256 } from "./private/git-values.ts";
import { type PrivateGit, whyLeftOut, withPrivateGit } from "./private/private-git.ts";
import { readTreeOf } from "./read-commit.ts";
import { isId, readHead } from "./read-ref.ts";
import type { Changes } from "./working-copy/changed-files.ts";
import { type IndexEntry, indexEntryText, inOrder, readIndexEntry, treeIdOf } from "./working-copy/index-entries.ts";
import { stageWorkingCopy, writeTree } from "./working-copy/stage.ts";

export interface SnapshotOptions {
  /** `undefined` if there is no git on this machine. */
  readonly git: Git | undefined;
  /** Marks are made with it, and without it there are none. */
  readonly secret: Buffer | undefined;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
  /** The store's own folder, which is left out of the tree: it changes with each run that is noted. */
  readonly without?: string | undefined;
  /** Files count as changed since this commit, and else since the one that is checked out. */
  readonly since?: string | undefined;
}

/** What git knows of a working copy at one moment. */
export interface Snapshot {
  /** The id of the commit that is checked out. */
  readonly head?: string;
  /** The id of the tree that `git add --all` and a commit would make of the working copy without the store. */
  readonly tree?: string;
  /** A mark of the working copy's real path. */
  readonly checkout?: string;
  /** Marks of path and content of the files that are new or changed; of many, 100 without regard to their names. */
  readonly blobs?: readonly string[];
  /** A mark of the files that decide what a check runs, with their contents. */
  readonly config?: string;
  /** Why the tree is not known. */
  readonly leftOut?: GitLeftOut;
}

const USUAL_LIMIT_MS = 500;
const MOST_MARKS = 100;
/** By the length of ids. */
const emptyTree = {
  40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
};

/** Looks at the working copy that a folder is in, without running anything that its repository names. */
export async function snapshotOf(cwd: string, options: SnapshotOptions): Promise<Snapshot> {
  const { git, limitMs = USUAL_LIMIT_MS, secret, signal } = options;
  const limit = new Limit(limitMs, signal);
  let known: Snapshot = {};
  try {
    if (git === undefined) throw new LeftOut("no_git");
    const repository = findRepository(cwd, homeOf(git));
    known = knownAtOnce(repository, secret);
    return await withPrivateGit({ repository, git, limit, withIndex: true }, async (opened) => {
      const changes = await stageWorkingCopy(opened, leftOutName(repository.worktree, options.without));
      return { ...known, ...(await contentsOf(opened, changes, options)) };
    });
  } catch (error) {
    return { ...known, leftOut: whyLeftOut(error) };
  } finally {
    limit.stop();
  }
}

function knownAtOnce(repository: Repository, secret: Buffer | undefined): Snapshot {
  const head = readHead(repository);
  return {
    ...(head === undefined ? {} : { head }),
    ...(secret === undefined ? {} : { checkout: markOf(secret, Buffer.from(repository.worktree).toString("latin1")) }),
  };
}

/** What is told of the private index, once it is as the working copy. */
async function contentsOf(git: PrivateGit, changes: Changes, options: SnapshotOptions): Promise<Snapshot> {
  const { secret, since } = options;
  const hexLength = isSha256(git.values) ? 64 : 40;
  const base = since ?? git.head ?? emptyTree[hexLength];
  const before = treeIdOf(changes.entries, hexLength);
  const isClean = changedNames(changes).size === 0;
  if (secret === undefined) return { tree: (isClean ? before : undefined) ?? (await writeTree(git)) };
  // A commit's tree that is the index's own has no differences, and git needs not be asked for them.
  const isAsCommitted = isClean && before !== undefined && before === baseTree(base, git);
  const differences = isAsCommitted ? [] : await differencesFrom(base, git);
  const after = entriesAfter(changes, differences);
  const tree = after && treeIdOf(after, hexLength);
  const [ofGit, entries] = await Promise.all([tree ?? writeTree(git), after ?? entriesIn(git)]);
  return {
    tree: ofGit,
    ...(differences === undefined ? {} : { blobs: marksOf(differences, secret) }),
    config: configurationMark(entries, secret),
  };
}

function baseTree(base: string, git: PrivateGit): string | undefined {
  return Object.values(emptyTree).includes(base) ? base : readTreeOf(base, git.repository);
}

/** What the index holds by now; `undefined` if git has to be asked. */
function entriesAfter(
  changes: Changes,
  differences: readonly Difference[] | undefined,
): readonly IndexEntry[] | undefined {
  const changed = changedNames(changes);
  if (changed.size === 0) return changes.entries;
  if (differences === undefined) return undefined;
  const entries = changes.entries.filter(({ name }) => !changed.has(name));
  const found = new Map(differences.map((difference) => [difference.path, difference]));
  for (const name of [...changes.files, ...changes.nested].map((one) => one.name)) {
    const difference = found.get(name);
    // It became what the commit holds.
    if (difference === undefined) return undefined;
    const { blob, mode, status } = difference;
    if (status !== "D") entries.push({ mode, id: blob, stage: "0", name, isLookedAt: true });
  }
  return inOrder(entries);
}

function changedNames({ files, gone, nested }: Changes): Set<string> {
  return new Set([...gone, ...[...files, ...nested].map(({ name }) => name)]);
}

async function entriesIn(git: PrivateGit): Promise<IndexEntry[]> {
  const listing = (await git.run(["ls-files", "-z", "--stage"])).toString("latin1").split("\0");
  return listing.flatMap((text) => readIndexEntry(text, true) ?? []);
}

function configurationMark(entries: readonly IndexEntry[], secret: Buffer): string {
  const deciding = entries.filter(({ name }) => decidesCheck(name)).map(indexEntryText);
  return markOf(secret, ["configuration", ...deciding].join("\0"));
}

/** In the order of the marks, which is none of the names, a part of them stands for all. */
function marksOf(differences: readonly Difference[], secret: Buffer): string[] {
  const marks = differences
    .filter(({ status }) => status !== "D")
    .map(({ blob, path }) => blobMark(secret, path, blob));
  return marks.sort().slice(0, MOST_MARKS);
}

/** How the index differs from a commit; `undefined` if that is missing. */
async function differencesFrom(base: string, git: PrivateGit): Promise<Difference[] | undefined> {
  if (!isId(base)) return undefined;
  const args = [
    "diff-index",
    "--cached",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
  ];
  try {
    return readDifferences(await git.run([...args, base, "--"]));
  } catch (error) {
    if (error instanceof LeftOut && error.why === "failed") return undefined;
    throw error;
  }
}

interface Difference {
  readonly mode: string;
  readonly blob: string;
  readonly status: string;
  readonly path: string;
}

function readDifferences(output: Buffer): Difference[] {
  const fields = output.toString("latin1").split("\0");
  const found: Difference[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, blob, status] = /^:\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) ([A-Z])/.exec(fields[at] ?? "") ?? [];
    const path = fields[at + 1];
    if (mode === undefined || blob === undefined || status === undefined || path === undefined) continue;
    found.push({ mode, blob, status, path });
  }
  return found;
}
