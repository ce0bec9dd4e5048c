import type { Checkup } from "../../../kaizen/doctor.ts";
import type { TrustState } from "../../../trust/root-trust.ts";
import { type EvidenceSettings, evidenceSettings, evidenceWords } from "../../evidence/settings.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { findingsText } from "../../reports/findings-text.ts";
import { trustFigures, trustWords } from "../../reports/trust-text.ts";
import type { HookProblem } from "../../status/hook-lines.ts";
import { examineStore } from "../../team/doctor-store.ts";
import { confirmedTeamOf } from "../../team/team.ts";

export const doctor = defineCommand({
  name: "doctor",
  group: "files",
  summary: "Check every file, say what is damaged and where, and repair it",
  details: [
    `Damage is what cannot be read, or what says something that is not so: torn and glued lines, marks of a git merge, a
summary that is not the log's, a wrong checksum, a link where a file belongs, two names that differ only in case.
The rest of the store is read around it. What a killed process has left and the next write clears is told as well,
and is no damage.`,
    `--repair destroys no byte that was recorded: a line that cannot be read moves to a file with the ending .quarantine beside its own;
records that were glued together get a line each; what is derived is made again. It takes the locks, so that
agents can go on recording meanwhile.`,
    `Of the clients' files it names a hook of ours that starts no program here, starts another copy of this one, or is not
known as ours. That is no damage of the store; init mends it.`,
    `Of a team's store it asks the server: whether it is reached, TLS, what the role may do, the tables' version, the clock,
what keeps acknowledged runs through a crash, and whether the figures are those of the rows.`,
    "Exit status: 0 where nothing is damaged, or everything was repaired; 1 where damage remains.",
  ],
  flags: { repair: { type: "boolean", description: "Repair what can be repaired" } },
  positionals: {},
  examples: [
    ["kaizen-metrics doctor", "Is everything as it should be?"],
    ["kaizen-metrics doctor --repair", "Repair it, and keep every byte that was recorded"],
  ],
  async run({ flags }, context) {
    const team = await confirmedTeamOf(context);
    if (team !== undefined) {
      if (flags.repair === true)
        throw usageError("--repair is for files: a team's store has none.", { name: "doctor" });
      return examineStore(team, context);
    }
    const kaizen = await context.kaizen();
    const checkup = await kaizen.checkUp({
      repair: flags.repair === true,
      onProgress: (file, done, total) => context.progress.bytes(`looking at ${file}`, done, total),
    });
    const known = await context.trust();
    const trust = known.state();
    const evidence = evidenceSettings(context.environment, known);
    // It is loaded with commands that look at no client's files.
    const { hookProblems } = await import("../../status/hook-lines.ts");
    const hooks = hookProblems((await context.project()).path, context);
    const isSound = damageIn(checkup).length === 0 && checkup.failures.length === 0;
    return {
      value: { ...report(checkup, isSound), hooks, trust: trustFigures(trust), evidence: evidenceFigures(evidence) },
      text: (style) =>
        findingsText(checkup, style, `${hookWords(hooks)}${ownsUp(trust)}${evidenceWords(evidence).join("\n")}\n`),
      exitCode: isSound ? 0 : 1,
    };
  },
});

function hookWords(problems: readonly HookProblem[]): string {
  return problems.map(({ mend, what }) => `${what}\n  ${mend}\n`).join("");
}

/** Of a store that is trusted, as one's own is, there is nothing to say. */
function ownsUp(trust: TrustState): string {
  return trust.kind === "foreign" ? `Trust: ${trustWords(trust)}\n` : "";
}

function evidenceFigures({ check, ci, git, off, transcripts }: EvidenceSettings) {
  return { transcripts, git, check: check ?? null, ci: ci ?? null, ...(off === undefined ? {} : { off }) };
}

function damageIn({ remaining }: Checkup) {
  return remaining.filter(({ kind }) => kind === "damage");
}

function report({ examination, failures, remaining, repaired }: Checkup, sound: boolean) {
  const { agents, bytes, files, unnamed } = examination;
  return {
    sound,
    agents,
    files,
    bytes,
    findings: remaining,
    unnamed_lines: unnamed,
    repaired,
    failures: failures.map(({ code, hint, message }) => ({ code, message, ...(hint === undefined ? {} : { hint }) })),
  };
}
