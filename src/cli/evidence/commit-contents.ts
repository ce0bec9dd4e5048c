import type { CommitContents } from "../../domain/evidence/commit-match.ts";
import { KaizenError } from "../../errors.ts";
import { type Commits, withCommits } from "../../evidence/git/commits.ts";
import { findGit } from "../../evidence/git/find-program.ts";
import type { Candidate } from "../../kaizen/verification/verdicts.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { storeFolder } from "./working-copy.ts";

/** A person waits for the answer, and a large repository takes a while. */
const LIMIT_MS = 30_000;
const wholeId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A commit, as far as git could tell of it. */
export interface FoundCommit extends CommitContents {
  readonly id: string;
  /** Why git told nothing; `undefined` if it did. */
  readonly unknown: string | undefined;
}

/**
 * Looks a commit up in the project's repository, for the runs that it might decide. One that git does not have is known
 * by its whole id alone: then it decides the runs that have made exactly this commit.
 */
export async function findCommit(
  text: string,
  candidates: readonly Candidate[],
  context: CommandContext,
): Promise<FoundCommit> {
  const folder = (await context.project()).path;
  const git = findGit(context.environment, folder);
  const secret = (await context.trust()).secretFor("evidence");
  const made = candidates.flatMap(({ facts }) => facts.commits ?? []);
  const found = await withCommits(folder, { git, limitMs: LIMIT_MS, without: await storeFolder(context) }, (commits) =>
    contentsOf(commits, text, made, secret, context.now()),
  );
  if ("answer" in found && found.answer !== undefined) return found.answer;
  const why = "leftOut" in found ? (whyNot[found.leftOut] ?? found.leftOut) : "the repository does not have it";
  if (wholeId.test(text)) {
    return { id: text, unknown: why, tree: "", at: context.now(), contains: (one) => one === text, blobs: new Set() };
  }
  throw new KaizenError("NOT_FOUND", `There is no commit ${JSON.stringify(text.slice(0, 80))}: ${why}.`, {
    hint: `It was looked for in the repository of ${folder}. Send its whole id, or fetch it first.`,
  });
}

const whyNot: Readonly<Record<string, string>> = {
  no_git: "there is no repository, or no git program",
  bare: "the repository has no working copy",
  not_ours: "the repository belongs to another user",
  time: "git took too long",
  size: "git says too much",
  filter: "git could not be asked",
  failed: "git could not be asked",
};

async function contentsOf(
  commits: Commits,
  text: string,
  made: readonly string[],
  secret: Buffer | undefined,
  now: number,
): Promise<FoundCommit | undefined> {
  const id = await commits.resolve(text);
  const [commit] = id === undefined ? [] : ((await commits.recent(1, id)) ?? []);
  if (id === undefined || commit === undefined) return undefined;
  const inside = await commits.contained(id, made);
  const blobs = secret === undefined ? undefined : await commits.blobMarksOf(id, secret);
  return {
    id,
    unknown: undefined,
    tree: commit.tree,
    at: Math.min(commit.committedAt * 1000, now),
    contains: (one) => inside.get(one) === true,
    blobs: blobs ?? new Set(),
  };
}
