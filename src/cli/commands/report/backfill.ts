import { isAbsolute, join } from "node:path";
import { KaizenError } from "../../../errors.ts";
import { counted } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import { type Backfilled, backfill as backfillRuns, leftOutReasons } from "../../evidence/backfill.ts";
import { pastRuns } from "../../evidence/past-runs.ts";
import { evidenceSettings } from "../../evidence/settings.ts";
import { type CommandContext, defineCommand } from "../../frame/define-command.ts";

export const backfill = defineCommand({
  name: "backfill",
  group: "report",
  summary: "Read what Claude Code has kept of this project's past subagents",
  details: [
    `Keeps the facts of their transcripts: time, model, tokens, cost, edits, and what their tests said. How the runs came out
stays unknown, and no rate counts them. Only transcripts whose every folder is this project, or one in it, are taken; of
a run that may still be at work, nothing is.`,
    "Done twice, the second time adds nothing. What is kept of a transcript are counts and hashes, and none of its text.",
  ],
  flags: {},
  positionals: {},
  examples: [["kaizen-metrics backfill", "What did the subagents of the last months take?"]],
  async run(_, context) {
    const { environment, machine } = context;
    const settings = evidenceSettings(environment, await context.trust());
    if (!settings.transcripts) {
      throw new KaizenError(
        "INVALID_ARGUMENT",
        `Transcripts are not read${settings.off === undefined ? "" : `: ${settings.off}`}.`,
        {
          hint: "Switch them on: kaizen-metrics init --client NAME --transcripts.",
        },
      );
    }
    const { path } = await context.project();
    const projects = join(clientFolder(context), "projects");
    const root = machine.realPath(path);
    const runs = pastRuns(projects, [...new Set([path, root])]);
    const kaizen = await context.kaizen();
    const done = await backfillRuns(kaizen, runs, {
      root,
      now: context.now(),
      onProgress: (bytes, total) => context.progress.bytes("reading transcripts", bytes, total),
    });
    return { value: figures(done, runs.length, projects), text: () => text(done, runs.length, projects) };
  },
});

/** Where Claude Code keeps what is its own. */
function clientFolder({ environment, machine }: CommandContext): string {
  const named = environment.CLAUDE_CONFIG_DIR;
  if (named !== undefined && isAbsolute(named)) return named;
  if (machine.home !== undefined) return join(machine.home, ".claude");
  throw new KaizenError("NOT_FOUND", "There is no home folder in which Claude Code could keep transcripts.", {
    hint: "Set CLAUDE_CONFIG_DIR to its folder.",
  });
}

function figures({ added, known, left }: Backfilled, transcripts: number, folder: string) {
  return { folder, transcripts, added: Object.fromEntries(added), known, left };
}

const whyWords: Readonly<Record<keyof Backfilled["left"], string>> = {
  other_project: "of another project",
  at_work: "still at work, or were ten minutes ago",
  unreadable: "that could not be read",
  unnamed: "of an agent without a name",
  expired: "older than runs are kept",
  too_many: "beyond the last 1,000 of an agent",
};

function text({ added, known, left }: Backfilled, transcripts: number, folder: string): string {
  if (transcripts === 0) return `There are no transcripts of subagents of this project in ${folder}.\n`;
  const total = [...added.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    `${counted(total, "past run")} read, ${known} known before, of ${counted(transcripts, "transcript")}.`,
  ];
  for (const [agent, count] of added) lines.push(`  ${quoted(agent)}: ${counted(count, "run")}`);
  for (const why of leftOutReasons) if (left[why] > 0) lines.push(`  left out: ${left[why]} ${whyWords[why]}`);
  if (total > 0) lines.push("kaizen-metrics summary shows what they took; how they came out stays unknown.");
  return `${lines.join("\n")}\n`;
}
