import type { GitLeftOut } from "../../domain/evidence/evidence.ts";
import { decidesCheck } from "../../domain/evidence/test-configuration.ts";
import { findRepository, type Repository } from "./find-repository.ts";
import { leftOutName } from "./left-out-folder.ts";
import { LeftOut, Limit } from "./limit.ts";
import { blobMark, markOf } from "./marks.ts";
import { type Git, homeOf } from "./private/git-environment.ts";
import { isSha256 } from "./private/git-values.ts";
import { type PrivateGit, whyLeftOut, withPrivateGit } from "./private/private-git.ts";
import { isId, readHead } from "./read-ref.ts";
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
const emptyTree = {
  sha1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  sha256: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
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
      await stageWorkingCopy(opened, leftOutName(repository.worktree, options.without));
      const [tree, blobs, config] = await Promise.all([
        writeTree(opened),
        changedMarks(opened, options),
        configurationMark(opened, secret),
      ]);
      return {
        ...known,
        tree,
        ...(blobs === undefined ? {} : { blobs }),
        ...(config === undefined ? {} : { config }),
      };
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

async function configurationMark(git: PrivateGit, secret: Buffer | undefined): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  const listing = (await git.run(["ls-files", "-z", "--stage"])).toString("latin1").split("\0");
  return markOf(
    secret,
    ["configuration", ...listing.filter((entry) => decidesCheck(entry.slice(entry.indexOf("\t") + 1)))].join("\0"),
  );
}

/** `undefined` without a secret, and if the commit to compare with is missing. */
async function changedMarks(git: PrivateGit, { secret, since }: SnapshotOptions): Promise<string[] | undefined> {
  if (secret === undefined || (since !== undefined && !isId(since))) return undefined;
  const base = since ?? git.head ?? emptyTree[isSha256(git.values) ? "sha256" : "sha1"];
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
    const marks = readDifferences(await git.run([...args, base, "--"])).map(({ blob, path }) =>
      blobMark(secret, path, blob),
    );
    // In the order of the marks, which is none of the names, a part of them stands for all.
    return marks.sort().slice(0, MOST_MARKS);
  } catch (error) {
    if (error instanceof LeftOut && error.why === "failed") return undefined;
    throw error;
  }
}

/** New contents only: what was removed has none. */
function readDifferences(output: Buffer): { path: string; blob: string }[] {
  const fields = output.toString("latin1").split("\0");
  const found: { path: string; blob: string }[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, blob, status] = /^:\d{6} \d{6} [0-9a-f]+ ([0-9a-f]+) ([A-Z])/.exec(fields[at] ?? "") ?? [];
    const path = fields[at + 1];
    if (blob !== undefined && path !== undefined && status !== "D") found.push({ path, blob });
  }
  return found;
}
