import { reportedVerificationSchema } from "../../../domain/verification/verification.ts";
import type { VerificationReceipt } from "../../../domain/verification/verified-view.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";
import type { UndecidedRun } from "../../../kaizen/verification/verify.ts";
import { counted, percent } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import { outcomeSentence, wordText } from "../../../messages/verification.ts";
import { agentShell, standingOnCommandLine } from "../../caller/caller.ts";
import { type CommandContext, defineCommand, type Given, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { checkedField, flagsOf, readFlags } from "../../input/field-flags.ts";
import { outcomeFlags, outcomeOf } from "../../input/outcome-flags.ts";
import type { Style } from "../../terminal/style.ts";
import { keptLines } from "../../verifying/kept-lines.ts";
import { withKeys } from "../../verifying/pick-key.ts";
import { runLine } from "../../verifying/run-line.ts";
import { wordToTakeBack } from "../../verifying/take-back.ts";
import { runNamed, saidOutcome, undecidedRun } from "../../verifying/which-run.ts";

const self = { name: "verify" };
const { verified_by } = reportedVerificationSchema.shape;
const commitWordSchema = reportedVerificationSchema.pick({ evidence: true });
const verifiers = verified_by.options.join("|");

export const verify = defineCommand({
  ...self,
  group: "report",
  summary: "Mark a run as really passed or failed",
  usage:
    "verify (AGENT RUN | RUN | --last) (--success | --failure) --by WHO\n       kaizen-metrics verify --pick [--success | --failure]\n       kaizen-metrics verify --commit SHA (--success | --failure) [--by ci]\n       kaizen-metrics verify [AGENT RUN | RUN] --undo",
  details: [
    `The check outweighs what the run says of itself; the run's own line does not change. Of several verifications the later
one by the same verifier counts, and between verifiers the first of ${verified_by.options.join(", ")}.`,
    `--last means the newest run that nothing has decided, --pick lets a person at a terminal pick one of nine and say by a
key how it came out; --by is human there unless it is given. --undo takes back what was said last on the command line or by a prompt.`,
    `--commit says what CI found of a commit: of the runs that left its tree, else of those whose commits are in it, else of
the one whose files are. A failure with several runs in it blames none of them.`,
    `What is said in an agent's shell is kept as claimed, and counts in no figure: an agent does not verify itself.`,
  ],
  flags: {
    ...outcomeFlags("It did reach its goal", "It did not"),
    by: { type: "string", value: verifiers, description: "Who checked" },
    ...flagsOf(reportedVerificationSchema, ["evidence"]),
    last: { type: "boolean", description: "The newest undecided run" },
    pick: { type: "boolean", description: "Pick one of the nine newest undecided runs by a key" },
    commit: { type: "string", value: "SHA", description: "The runs that this commit decides" },
    undo: { type: "boolean", description: "Take back what was said last, of this run or of any" },
    agent: { type: "string", value: "AGENT", description: "With --last, --pick or --undo: of this agent's runs only" },
  },
  positionals: {
    agent: { description: "Who ran, e.g. code-reviewer" },
    run: { description: "The run's id, from kaizen-metrics record or runs" },
  },
  examples: [
    [
      'kaizen-metrics verify code-reviewer run_5d1f0c83a92e47b6d015 --failure --by tests --evidence "3 of 41 tests fail"',
      "The run claimed a success that the tests do not bear out",
    ],
    [
      "kaizen-metrics verify --last --success",
      "You have looked at what the newest undecided run made, and it is right",
    ],
    ['kaizen-metrics verify --commit "$GITHUB_SHA" --by ci --success', "In CI: this commit is green"],
    ["kaizen-metrics verify --pick", "Pick a run, and say how it came out"],
    ["kaizen-metrics verify --undo", "You have taken the wrong one"],
  ],
  async run({ flags, positionals }, context) {
    const how = formOf({ flags, positionals });
    if (how === "undo")
      return takeBack({ agent: positionals.agent ?? flags.agent, run: positionals.run }, context, flags);
    const success = outcomeOf(flags, self);
    if (how === "commit") return ofCommit(expectedOutcome(success), flags, context);
    if (how === "pick") expectPickable(context);
    else expectedOutcome(success);
    const by = flags.by ?? (how !== "named" && context.stdin.isTerminal ? "human" : undefined);
    if (by === undefined) throw usageError(`verify needs --by, with ${verifiers.replaceAll("|", ", ")}.`, self);
    const verifiedBy = verified_by.parse(checkedField(verified_by, "verified_by", by, self, "--by"));
    const given = readFlags(reportedVerificationSchema, ["evidence"], flags, self);
    const kaizen = await context.kaizen();
    const judged =
      how === "pick"
        ? await pickedRun(kaizen, flags.agent, success, context)
        : { success: expectedOutcome(success), run: how === "last" && (await undecidedRun(kaizen, flags.agent)) };
    if (judged === undefined) return { value: null, text: () => "Nothing was verified.\n" };
    const { agent, id } = judged.run || (await runNamed(kaizen, positionals));
    const word = { success: judged.success, verified_by: verifiedBy };
    const report = reportedVerificationSchema.parse({ ...given, ...word, agent, execution_id: id });
    const standing = standingOnCommandLine(context);
    const receipt = await kaizen.verify(report, standing);
    const { run } = judged;
    const which = (style: Style) => (run ? [runLine(run, style)] : []);
    const kept = `Kept as ${wordText({ ...standing, ...word, ...(receipt.unproven ? { unproven: true } : {}) })}`;
    return outcome(receipt, keptLines(kept, receipt, context), which);
  },
});

type Form = "named" | "last" | "pick" | "commit" | "undo";

/** A commit is what CI looks at: no other verifier speaks of one. */
async function ofCommit(success: boolean, flags: Given["flags"], context: CommandContext): Promise<Outcome> {
  const { by = "ci", commit } = flags;
  if (by !== "ci") throw usageError("--commit goes with --by ci.", self);
  if (typeof commit !== "string" || !/^[\w./-]{1,250}$/.test(commit)) {
    throw usageError("--commit takes the id of a commit, e.g. the one that git rev-parse HEAD prints.", self);
  }
  const { evidence } = commitWordSchema.parse(readFlags(reportedVerificationSchema, ["evidence"], flags, self));
  const standing = standingOnCommandLine(context);
  const { verifyCommit } = await import("../../verifying/commit.ts");
  return verifyCommit(commit, { success, standing, ...(evidence === undefined ? {} : { evidence }) }, context);
}

function formOf({ flags, positionals }: Pick<Given, "flags" | "positionals">): Form {
  const [form = "named", other] = (["last", "pick", "commit", "undo"] as const).filter(
    (name) => flags[name] !== undefined,
  );
  if (other !== undefined) throw usageError(`Use either --${form} or --${other}.`, self);
  if ((form === "last" || form === "pick" || form === "commit") && positionals.agent !== undefined) {
    const only = form === "commit" ? "" : "; with --agent only among those of one agent";
    throw usageError(`--${form} finds the run itself${only}.`, self);
  }
  if (flags.agent !== undefined && (form === "named" || form === "commit" || positionals.agent !== undefined)) {
    throw usageError("--agent goes with --last, --pick or --undo; AGENT stands before RUN without it.", self);
  }
  return form;
}

function expectedOutcome(success: boolean | undefined): boolean {
  if (success === undefined) throw usageError("verify needs --success or --failure.", self);
  return success;
}

/** A person picks a run, and says how it came out if no flag has; `undefined` if they leave it. */
async function pickedRun(
  kaizen: Kaizen,
  agent: string | undefined,
  said: boolean | undefined,
  context: CommandContext,
): Promise<{ readonly success: boolean; readonly run: UndecidedRun } | undefined> {
  return withKeys(context, async (ask) => {
    const run = await undecidedRun(kaizen, agent, ask);
    const success = run && (said ?? (await saidOutcome(ask)));
    return run === undefined || success === undefined ? undefined : { success, run };
  });
}

/** A key is asked for only if a person is there to press it, and what is printed is theirs. */
function expectPickable({ json, stdin }: CommandContext): void {
  if (json) throw usageError("--pick does not go with --json; name a run, or take --last.", self);
  if (!stdin.isTerminal) throw usageError("--pick needs a terminal; name a run, or take --last.", self);
}

async function takeBack(
  named: { readonly agent: string | undefined; readonly run: string | undefined },
  context: CommandContext,
  flags: Given["flags"],
): Promise<Outcome> {
  const given = ["success", "failure", "by", "evidence"].find((name) => flags[name] !== undefined);
  if (given !== undefined) throw usageError(`--undo goes without --${given}: it takes back what was said.`, self);
  const kaizen = await context.kaizen();
  const onlyUnproven = agentShell(context) !== undefined;
  const word = await wordToTakeBack(kaizen, { ...named, onlyUnproven });
  const receipt = await kaizen.verifying.withdraw(word, "cli");
  const { evidence, execution_id } = word.verification;
  const why = evidence === undefined ? "" : ` (${quoted(evidence)})`;
  return outcome(receipt, [`Taken back of ${execution_id}: ${wordText(word.verification)}${why}.`]);
}

function outcome(
  receipt: VerificationReceipt,
  before: readonly string[],
  which: (style: Style) => readonly string[] = () => [],
): Outcome {
  const { agent, claimed_rate, contradiction, verified_rate, verified_runs } = receipt;
  const rates = verified_runs === 0 ? "" : `: ${percent(verified_rate)} succeeded, ${percent(claimed_rate)} claimed to`;
  const figures = `${quoted(agent)} has ${counted(verified_runs, "verified run")}${rates}.`;
  const lines = [...before, outcomeSentence(receipt), contradiction, figures];
  return {
    value: receipt,
    text: (style) => [...which(style), ...lines].flatMap((line) => (line === null ? [] : [`${line}\n`])).join(""),
  };
}
