import { isRunId } from "../../../domain/run/execution.ts";
import { recordedText } from "../../../domain/text/plain-text.ts";
import { voidReasonSchema } from "../../../domain/verification/void-reason.ts";
import { counted } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import { agentShell, standingOnCommandLine } from "../../caller/caller.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { checkedField } from "../../input/field-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import type { Style } from "../../terminal/style.ts";
import { runLine } from "../../verifying/run-line.ts";

const self = { name: "void" };
const REASON_CHARACTERS = 200;

export const voidRun = defineCommand({
  ...self,
  group: "report",
  summary: "Take a run back that should not have been recorded",
  usage: "void RUN --reason TEXT [--dry-run]\n       kaizen-metrics void RUN --undo [--dry-run]",
  details: [
    `The run counts nowhere from then on, and neither does what checks and hooks said of it. Its line is kept, byte for
byte, in voided.jsonl beside the log, with who took it back, when and why. --undo puts it back to its place in time.`,
    `Its idempotency key is free: the same report may come again, corrected. After that, --undo is refused.`,
    `An agent has no tool for this. What its shell takes back is kept as unproven, and its shell puts nothing
back that a person took.`,
  ],
  flags: {
    reason: { type: "string", value: "TEXT", description: voidReasonSchema.description ?? "" },
    undo: { type: "boolean", description: "Put a voided run back" },
    agent: { type: "string", value: "AGENT", description: "Whose run, if runs of several agents say the same" },
    "dry-run": { type: "boolean", description: "Say what would happen, and change nothing" },
  },
  positionals: { run: { required: true, description: "The run's id, from kaizen-metrics record or runs" } },
  examples: [
    ['kaizen-metrics void run_5d1f0c83a92e47b6d015 --reason "typo: it did fail"', "The report was wrong"],
    ["kaizen-metrics void run_5d1f0c83a92e47b6d015 --undo", "It was right after all"],
  ],
  async run({ flags, positionals: { run: id } }, context) {
    if (!isRunId(id)) throw usageError(`${quoted(id)} is no id of a run, such as run_5d1f0c83a92e47b6d015.`, self);
    const isUndo = flags.undo === true;
    if (isUndo && flags.reason !== undefined) throw usageError("--undo goes without --reason.", self);
    const dryRun = flags["dry-run"] === true;
    checkedField(voidReasonSchema.optional(), "reason", flags.reason, self);
    const reason = voidReasonSchema.optional().parse(flags.reason);
    if (!isUndo && reason === undefined) throw usageError("void needs --reason, or --undo.", self);
    const kaizen = await context.kaizen();
    const standing = standingOnCommandLine(context);
    const onlyUnproven = standing.unproven === true;
    const whose = flags.agent === undefined ? undefined : await expectKnownAgent(kaizen, flags.agent);
    const run =
      reason === undefined
        ? await kaizen.voiding.undo(id, { agent: whose, dryRun, onlyUnproven })
        : await kaizen.voiding.voidRun(id, { agent: whose, reason, by: "human", ...standing, dryRun });
    const { agent, unproven, verifications } = run;
    const runs = (await kaizen.summary(agent)).summary.execution_count;
    const words = verifications.length === 0 ? "" : ` With it: ${counted(verifications.length, "verification")}.`;
    const sign = isUndo ? undefined : agentShell(context);
    const shown = recordedText(run.reason, REASON_CHARACTERS);
    const what = (style: Style) =>
      isUndo
        ? `${dryRun ? "Would be put" : "Put"} back: ${runLine(run, style)}. It had been voided for ${shown}.${words}`
        : `${dryRun ? "Would be voided" : "Voided"} for ${shown}: ${runLine(run, style)}.${words}`;
    const lines = [
      ...(sign === undefined ? [] : [`Kept as unproven: ${sign}.`]),
      `${quoted(agent)} has ${counted(runs, "run")}${dryRun ? ", as before" : ""}.`,
      ...(isUndo || dryRun ? [] : [`kaizen-metrics void ${id} --undo puts it back.`]),
    ];
    return {
      value: {
        id,
        agent,
        voided: !isUndo,
        dry_run: dryRun,
        reason: run.reason,
        voided_at: run.timestamp,
        voided_by: run.by,
        ...(run.via === undefined ? {} : { via: run.via }),
        ...(unproven === true ? { unproven } : {}),
        verifications: verifications.length,
        execution_count: runs,
      },
      text: (style) => [what(style), ...lines].map((line) => `${line}\n`).join(""),
    };
  },
});
