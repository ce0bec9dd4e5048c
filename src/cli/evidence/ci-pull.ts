import { matchCommit } from "../../domain/evidence/commit-match.ts";
import { KaizenError } from "../../errors.ts";
import { askGh } from "../../evidence/ci/ask-gh.ts";
import { askGlab } from "../../evidence/ci/ask-glab.ts";
import type { CiVerdict } from "../../evidence/ci/verdict.ts";
import { type Commits, withCommits } from "../../evidence/git/commits.ts";
import { findGit, findProgram, safeEnvironment, searchOf } from "../../evidence/git/find-program.ts";
import type { Candidate, DecidedCommit } from "../../kaizen/verification/verdicts.ts";
import type { Choices } from "../../trust/root-trust.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { findCommit } from "./commit-contents.ts";
import { storeFolder } from "./working-copy.ts";

/** The latest commits are looked through, and of those with runs in them so many are asked about. */
const RECENT_COMMITS = 200;
const MOST_ASKED = 10;
const LIMIT_MS = 30_000;

/** What became of one commit. */
export interface AskedCommit {
  readonly commit: string;
  readonly verdict: CiVerdict | "other_workflows";
  readonly found: DecidedCommit | undefined;
}

/**
 * Asks CI for the commits of undecided runs, the oldest first, so that the first commit with a run in it decides it. CI's
 * word counts only if the commit's workflows are those of the default branch: an agent can add a green one. Fails with a
 * `KaizenError` if CI cannot be asked.
 */
export async function pullFromCi(ci: NonNullable<Choices["ci"]>, context: CommandContext): Promise<AskedCommit[]> {
  const kaizen = await context.kaizen();
  const folder = (await context.project()).path;
  const search = searchOf(context.environment, folder);
  const program = findProgram(ci.program, search);
  if (program === undefined) {
    throw new KaizenError("NOT_FOUND", `${ci.program} is not on the PATH.`, {
      hint: `Install it and log in, or take CI off with kaizen-metrics init --client NAME --no-ci.`,
    });
  }
  // It starts git by itself.
  const question = { program, cwd: folder, environment: safeEnvironment(context.environment, search) };
  const asked: AskedCommit[] = [];
  for (const { commit, isUsual } of await commitsToAsk(await kaizen.verdicts.candidates(), context)) {
    if (!isUsual) {
      asked.push({ commit, verdict: "other_workflows", found: undefined });
      continue;
    }
    const workflows = ci.workflows.length === 0 ? undefined : ci.workflows;
    const verdict =
      ci.program === "gh"
        ? await askGh({ ...question, commit, workflows })
        : await askGlab({ ...question, commit, workflows });
    asked.push({ commit, verdict, found: await decided(commit, verdict, context) });
  }
  return asked;
}

async function decided(
  commit: string,
  verdict: CiVerdict,
  context: CommandContext,
): Promise<DecidedCommit | undefined> {
  if (typeof verdict === "string") return undefined;
  const kaizen = await context.kaizen();
  const candidates = await kaizen.verdicts.candidates();
  const contents = await findCommit(commit, candidates, context);
  const evidence = verdict.url ?? `commit ${commit.slice(0, 12)}`;
  return kaizen.verdicts.decide(contents, { success: verdict.success, standing: { via: "ci" }, evidence }, candidates);
}

/** The latest commits that would decide an undecided run if they were green, the oldest first. */
async function commitsToAsk(candidates: readonly Candidate[], context: CommandContext) {
  if (candidates.length === 0) return [];
  const folder = (await context.project()).path;
  const git = findGit(context.environment, folder);
  const found = await withCommits(
    folder,
    { git, limitMs: LIMIT_MS, without: await storeFolder(context) },
    async (commits) => {
      const recent = (await commits.recent(RECENT_COMMITS)) ?? [];
      const made = candidates.flatMap(({ facts }) => facts.commits ?? []);
      const asked: { commit: string; isUsual: boolean }[] = [];
      const open = new Set(candidates);
      for (const { commit, committedAt, tree } of recent.toReversed()) {
        if (asked.length >= MOST_ASKED) break;
        const inside = made.length === 0 ? new Map<string, boolean>() : await commits.contained(commit, made);
        const contents = {
          tree,
          at: committedAt * 1000,
          contains: (one: string) => inside.get(one) === true,
          blobs: new Set<string>(),
        };
        const { decided: some } = matchCommit([...open], contents, true);
        if (some.length === 0) continue;
        for (const { run } of some) open.delete(run);
        asked.push({ commit, isUsual: await hasUsualWorkflows(commits, commit) });
      }
      return asked;
    },
  );
  return "answer" in found ? found.answer : [];
}

/** Whether the commit's workflows and CI configuration are those of the default branch, if that is known here. */
async function hasUsualWorkflows(commits: Commits, commit: string): Promise<boolean> {
  const usual = await commits.resolve("refs/remotes/origin/HEAD");
  if (usual === undefined) return true;
  const [ours, theirs] = await Promise.all([commits.configurationOf(commit), commits.configurationOf(usual)]);
  return ours !== undefined && ours === theirs;
}
