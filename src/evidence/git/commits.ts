import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GitLeftOut } from "../../domain/evidence/evidence.ts";
import { decidesTests } from "../../domain/evidence/test-configuration.ts";
import { findRepository } from "./find-repository.ts";
import { leftOutName, treesWithout } from "./left-out-folder.ts";
import { LeftOut, Limit } from "./limit.ts";
import { blobMark } from "./marks.ts";
import { type Git, homeOf } from "./private/git-environment.ts";
import { type PrivateGit, whyLeftOut, withPrivateGit } from "./private/private-git.ts";
import { isId, readRef } from "./read-ref.ts";

export interface CommitsOptions {
  readonly git: Git | undefined;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** The store's own folder, which is left out of trees. */
  readonly without?: string | undefined;
}

export interface Commit {
  readonly commit: string;
  /** The id that its tree has without the store. */
  readonly tree: string;
  /** In s since 1970, by whatever clock it was committed with. */
  readonly committedAt: number;
}

/**
 * Asks for the commits of the repository that a folder is in. What is thrown at the end of the limit, say, is an answer
 * of its own: `use` needs not catch it.
 */
export async function withCommits<T>(
  cwd: string,
  { git, limitMs, signal, without }: CommitsOptions,
  use: (commits: Commits) => Promise<T>,
): Promise<{ readonly answer: T } | { readonly leftOut: GitLeftOut }> {
  const limit = new Limit(limitMs, signal);
  try {
    if (git === undefined) throw new LeftOut("no_git");
    const repository = findRepository(cwd, homeOf(git));
    const options = { repository, git, limit, withIndex: false };
    return {
      answer: await withPrivateGit(
        options,
        async (opened) => await use(new Commits(opened, leftOutName(repository.worktree, without))),
      ),
    };
  } catch (error) {
    return { leftOut: whyLeftOut(error) };
  } finally {
    limit.stop();
  }
}

const MOST_LISTED = 1_000;
const MOST_ANCESTORS = 1_000;
/** One line for each commit, by git's words for a format: its id, its tree's, and the time. */
const listing = ["log", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--no-mailmap", "--format=%H %T %ct"];

/**
 * The commits of one repository. What is missing in it is unknown, and never fetched: `undefined` says so. Every method
 * throws `LeftOut` at the end of the limit.
 */
export class Commits {
  readonly #git: PrivateGit;
  readonly #leftOut: string;

  constructor(git: PrivateGit, leftOut: string) {
    this.#git = git;
    this.#leftOut = leftOut;
  }

  /** The commit that is checked out; `undefined` before the first one. */
  get head(): string | undefined {
    return this.#git.head;
  }

  /** The full id of a commit, by that or its first digits, 4 or more, or by the name of a branch or a tag, or HEAD. */
  async resolve(text: string): Promise<string | undefined> {
    const named = isId(text) ? undefined : readRef(text, this.#git.repository);
    const id = named ?? (/^[0-9a-f]{4,64}$/.test(text) ? text : undefined);
    return id === undefined ? undefined : (await this.#idsOf([`${id}^{commit}`]))[0];
  }

  /** The id that a commit's tree has without the store. */
  async treeOf(commit: string): Promise<string | undefined> {
    const [tree] = isId(commit) ? await this.#idsOf([`${commit}^{tree}`]) : [];
    return tree === undefined ? undefined : (await treesWithout(this.#git, [tree], this.#leftOut))[0];
  }

  /** The last commits up to one, or to the one that is checked out; newest first. */
  async recent(most: number, from = this.head): Promise<Commit[] | undefined> {
    if (from === undefined) return [];
    return this.#list(most, [from]);
  }

  /** The commits that lead to `to` and not to `from`, newest first. Without `from` all that lead to `to`. */
  async between(from: string | undefined, to: string, most: number): Promise<Commit[] | undefined> {
    if (from === to) return [];
    return this.#list(most, from === undefined ? [to] : [to, from], from === undefined ? [to] : [to, `^${from}`]);
  }

  /**
   * Which of some commits lead to one, or are that one. The answer lacks those that are unknown: a commit that is missing,
   * or one that a history with an early end does not show.
   */
  async contained(commit: string, ancestors: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const answers = new Map<string, boolean>();
    const asked = [...new Set(ancestors)].filter(isId).slice(0, MOST_ANCESTORS);
    if (!isId(commit) || asked.length === 0) return answers;
    const [known, ...ids] = await this.#idsOf([commit, ...asked].map((one) => `${one}^{commit}`));
    const present = asked.filter((one, at) => ids[at] === one);
    if (known !== commit || present.length === 0) return answers;
    const revisions = Buffer.from([...present, `^${commit}`, ""].join("\n"));
    const outside = await this.#unlessFailed(["rev-list", "--stdin"], revisions);
    if (outside === undefined) return answers;
    const others = new Set(outside.toString("latin1").split("\n"));
    const isWhole = !existsSync(join(this.#git.folder, "shallow"));
    for (const one of present) {
      if (!others.has(one)) answers.set(one, true);
      else if (isWhole) answers.set(one, false);
    }
    return answers;
  }

  /**
   * What in a commit decides which tests run: the names and contents of those files, as one hash. `undefined` for a commit
   * that is missing.
   */
  async configurationOf(commit: string): Promise<string | undefined> {
    const entries = await this.#entriesOf(commit);
    const deciding = entries?.filter(({ path }) => decidesTests(path)).map(({ blob, path }) => `${path}\0${blob}`);
    return deciding && createHash("sha256").update(deciding.join("\0"), "latin1").digest("hex");
  }

  /** Marks of path and content of every file of a commit; `undefined` for one that is missing. */
  async blobMarksOf(commit: string, secret: Buffer): Promise<ReadonlySet<string> | undefined> {
    const entries = await this.#entriesOf(commit);
    return entries && new Set(entries.map(({ blob, path }) => blobMark(secret, path, blob)));
  }

  async #entriesOf(commit: string): Promise<{ path: string; blob: string }[] | undefined> {
    if (!isId(commit)) return undefined;
    const output = await this.#unlessFailed(["ls-tree", "-r", "-z", "--full-tree", commit]);
    const entries: { path: string; blob: string }[] = [];
    for (const entry of output?.toString("latin1").split("\0") ?? []) {
      this.#git.limit.check();
      const [, blob, path] = /^\d{6} \w+ ([0-9a-f]{40,64})\t([\s\S]+)$/.exec(entry) ?? [];
      if (blob !== undefined && path !== undefined) entries.push({ path, blob });
    }
    return output && entries;
  }

  async #list(most: number, ids: readonly string[], revisions = ids): Promise<Commit[] | undefined> {
    if (!ids.every(isId)) return undefined;
    const count = `--max-count=${Math.min(most, MOST_LISTED)}`;
    const output = await this.#unlessFailed([...listing, count, ...revisions, "--"]);
    const commits = output?.toString("latin1").split("\n").flatMap(readCommit);
    if (commits === undefined) return undefined;
    const all = commits.map(({ tree }) => tree);
    const trees = await treesWithout(this.#git, all, this.#leftOut);
    return commits.map((commit, at) => ({ ...commit, tree: trees[at] ?? commit.tree }));
  }

  /** The id of each object, in order; `undefined` for one that is missing, or that several could be meant by. */
  async #idsOf(objects: readonly string[]): Promise<(string | undefined)[]> {
    const output = await this.#git.run(
      ["cat-file", "--batch-check=%(objectname)"],
      Buffer.from(`${objects.join("\n")}\n`),
    );
    const ids = output.toString("latin1").split("\n");
    return objects.map((_, at) => ids.at(at)).map((id) => (id !== undefined && isId(id) ? id : undefined));
  }

  async #unlessFailed(args: readonly string[], input?: Buffer): Promise<Buffer | undefined> {
    try {
      return await this.#git.run(args, input);
    } catch (error) {
      if (error instanceof LeftOut && error.why === "failed") return undefined;
      throw error;
    }
  }
}

function readCommit(line: string): Commit[] {
  const [, commit, tree, time] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (\d{1,12})$/.exec(line) ?? [];
  return commit === undefined || tree === undefined ? [] : [{ commit, tree, committedAt: Number(time) }];
}
