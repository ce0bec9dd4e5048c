import { plainLine } from "../../domain/text/plain-text.ts";
import type { CommitVerdict, DecidedCommit, DecidedRun } from "../../kaizen/verification/verdicts.ts";
import { counted } from "../../messages/figures.ts";
import { quoted } from "../../messages/names.ts";
import { outcomeWord, wordText } from "../../messages/verification.ts";
import { type FoundCommit, findCommit } from "../evidence/commit-contents.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { keptLines } from "./kept-lines.ts";

const byWords = { tree: "the same tree", commits: "its commits", blobs: "its files" } as const;

const whyWords = {
  shared: "another run was at work in the same working copy",
  several: "several runs are in this commit, and none of them alone is judged by it",
  unproven: "it was not reported, and a word that counts in no figure makes no run of it",
  unnamed: "it was reported without the client's key, and its id is not known",
} as const;

/** Verifies the runs that a commit decides, and says which were found by what. */
export async function verifyCommit(text: string, verdict: CommitVerdict, context: CommandContext): Promise<Outcome> {
  const kaizen = await context.kaizen();
  const candidates = await kaizen.verdicts.candidates("all");
  const commit = await findCommit(text, candidates, context);
  const evidence = verdict.evidence ?? `commit ${commit.id.slice(0, 12)}`;
  const found = await kaizen.verdicts.decide(commit, { ...verdict, evidence }, candidates);
  return {
    value: commitFigures(commit, verdict, found),
    text: () => commitText(commit, verdict, found, context),
    exitCode: found.decided.length + found.already.length === 0 ? 1 : 0,
  };
}

/** What is printed by `--json`. */
function commitFigures(commit: Pick<FoundCommit, "id" | "unknown">, { success }: CommitVerdict, found: DecidedCommit) {
  return {
    commit: commit.id,
    ...(commit.unknown === undefined ? {} : { unknown: commit.unknown }),
    success,
    ...(found.standing.unproven === true ? { unproven: true } : {}),
    verified: found.decided.map(({ agent, before, by, claim, id, key }) => ({
      agent,
      execution_id: id,
      key,
      matched: by,
      claimed: claim ?? null,
      ...(before === undefined ? {} : { before }),
    })),
    ...(found.already.length === 0
      ? {}
      : { already: found.already.map(({ agent, by, id, key }) => ({ agent, execution_id: id, key, matched: by })) }),
    left: found.left.map(({ agent, by, key, why }) => ({ agent, key, matched: by, why })),
    candidates: found.candidates,
  };
}

function commitText(
  commit: FoundCommit,
  { success }: CommitVerdict,
  found: DecidedCommit,
  context: CommandContext,
): string {
  const { standing } = found;
  const word = wordText({ ...standing, verified_by: "ci", success });
  const lines = [
    ...found.decided.map(
      (run) =>
        `${run.id} of ${quoted(run.agent)}: ${word}, found by ${byWords[run.by]}${claimText(run)}${beforeText(run)}.`,
    ),
    ...found.already.map(
      ({ agent, by, id }) => `${id} of ${quoted(agent)}: ${word} already, found by ${byWords[by]}; nothing was added.`,
    ),
    ...found.left.map(
      ({ agent, by, key, why }) =>
        `${plainLine(key, 128)} of ${quoted(agent)}: found by ${byWords[by]}, and not decided: ${whyWords[why]}.`,
    ),
    ...(found.decided.length === 0 ? [] : keptLines("That is kept as claimed", standing, context)),
  ];
  if (lines.length === 0) lines.push(nothingFound(commit, found));
  return lines.map((line) => `${line}\n`).join("");
}

function claimText({ claim }: DecidedRun): string {
  return claim === undefined ? "; its agent had not reported it" : `; it claimed ${outcomeWord(claim)}`;
}

function beforeText({ before }: DecidedRun): string {
  return before === undefined ? "" : `; CI had said that it ${outcomeWord(before)}`;
}

function nothingFound({ id, tree, unknown }: FoundCommit, { candidates }: DecidedCommit): string {
  const among =
    candidates === 0
      ? "No run is undecided that git knows anything of"
      : `It is none of ${counted(candidates, "undecided run")}`;
  const looked =
    unknown === undefined
      ? `looked for were runs that left its tree ${tree.slice(0, 12)}, whose commits it contains, or whose files are all in it`
      : `looked for were runs that made this commit; ${unknown}, so that its tree and its ancestors are not known`;
  return `Commit ${id.slice(0, 12)} decides no run. ${among}; ${looked}.`;
}
