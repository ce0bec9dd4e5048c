import { DAY_MS } from "../run/time.ts";
import type { RunEvidence } from "./evidence.ts";

/** By what a run was found to be in a commit, from the strongest sign to the weakest. */
export const matchedByOptions = ["tree", "commits", "blobs"] as const;

export type MatchedBy = (typeof matchedByOptions)[number];

/** A commit, as far as runs are looked for in it. */
export interface CommitContents {
  /** The id of its tree. */
  readonly tree: string;
  /** When it was made, or looked at if that is unknown: in ms. */
  readonly at: number;
  /** Whether another commit is among its ancestors, or is the commit itself. */
  readonly contains: (commit: string) => boolean;
  /** The marks of path and content of each file in it. */
  readonly blobs: ReadonlySet<string>;
}

/** Why a run that is in the commit is not decided by it. */
export type NotDecided =
  /** Another run was at work in the same working copy, and is not in the commit. */
  | "shared"
  /** The commit failed, and several runs are in it: none of them is blamed. */
  | "several";

export interface MatchedRuns<R> {
  readonly decided: readonly { readonly run: R; readonly by: MatchedBy }[];
  readonly left: readonly { readonly run: R; readonly by: MatchedBy; readonly why: NotDecided }[];
}

/** Files alone tell of a run only if it ended not longer before the commit. */
const BLOBS_WITHIN_MS = 7 * DAY_MS;

/**
 * Finds the runs whose outcome a commit's outcome is:
 * 1. those that left exactly its tree;
 * 2. else those that made commits which it contains;
 * 3. else those whose every changed file is in it, if they ended at most seven days before.
 *
 * A run that left the tree as it found it has done nothing that the commit could tell of. A failure is that of a run found
 * by its commits only if it is the only run found, and files alone decide for the only run found. Runs that shared a working
 * copy are decided together by a success, and never by a failure, since none of them alone has made the tree.
 */
export function matchCommit<R extends Pick<RunEvidence, "endedAt" | "facts">>(
  runs: readonly R[],
  commit: CommitContents,
  success: boolean,
): MatchedRuns<R> {
  const found = runs.flatMap((run) => {
    const by = matchOf(run, commit);
    return by === undefined ? [] : [{ run, by }];
  });
  const decided: { run: R; by: MatchedBy }[] = [];
  const left: { run: R; by: MatchedBy; why: NotDecided }[] = [];
  for (const one of found) {
    const why = whyNot(one, found, success);
    if (why === undefined) decided.push(one);
    else left.push({ ...one, why });
  }
  return { decided, left };
}

type Found = { readonly run: Pick<RunEvidence, "facts">; readonly by: MatchedBy };

function whyNot({ by, run }: Found, found: readonly Found[], success: boolean): NotDecided | undefined {
  const { checkout, shared } = run.facts;
  if (shared === true) {
    const together = found.filter(({ run: { facts } }) => facts.shared === true && facts.checkout === checkout);
    if (!success || together.length < 2) return "shared";
  }
  if (found.length > 1 && (by === "blobs" || (by === "commits" && !success))) return "several";
  return undefined;
}

function matchOf(
  { endedAt, facts }: Pick<RunEvidence, "endedAt" | "facts">,
  commit: CommitContents,
): MatchedBy | undefined {
  const { blobs = [], commits = [], edits, tree, tree_start } = facts;
  const isUnchanged = tree_start === undefined ? edits === 0 && commits.length === 0 : tree_start === tree;
  if (tree !== undefined && tree === commit.tree && !isUnchanged) return "tree";
  if (commits.length > 0 && commits.every((one) => commit.contains(one))) return "commits";
  if (blobs.length === 0 || endedAt === undefined || Math.abs(commit.at - endedAt) > BLOBS_WITHIN_MS) return undefined;
  return endedAt <= commit.at + BLOBS_SLACK_MS && blobs.every((one) => commit.blobs.has(one)) ? "blobs" : undefined;
}

/** A commit is stamped to the second, and a hook may note a run's end after the agent has committed. */
const BLOBS_SLACK_MS = 60_000;
