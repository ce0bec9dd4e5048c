import { KaizenError } from "../../../errors.ts";
import { counted } from "../../../messages/figures.ts";
import { outcomeWord } from "../../../messages/verification.ts";
import { type AskedCommit, pullFromCi } from "../../evidence/ci-pull.ts";
import { evidenceSettings } from "../../evidence/settings.ts";
import { defineCommand } from "../../frame/define-command.ts";

export const ci = defineCommand({
  name: "ci",
  group: "report",
  summary: "Ask CI now what became of the commits of undecided runs",
  details: [
    `session-start does this by itself, at most once an hour, once init --ci has said that CI may be asked, and how. A run is
verified by the first commit that holds its work, once every workflow that counts has ended: by a success if all are green,
and by a failure if one has failed.`,
    "Exit status: 1 if CI cannot be asked, 2 if that is not switched on.",
  ],
  flags: {},
  positionals: {},
  examples: [["kaizen-metrics ci", "What has CI said since?"]],
  async run(_, context) {
    const settings = evidenceSettings(context.environment, await context.trust());
    if (settings.ci === undefined) {
      throw new KaizenError(
        "INVALID_ARGUMENT",
        `CI is not asked${settings.off === undefined ? "" : `: ${settings.off}`}.`,
        {
          hint: "Switch it on: kaizen-metrics init --client NAME --ci gh, or --ci glab. It uses the network.",
        },
      );
    }
    const asked = await pullFromCi(settings.ci, context);
    return { value: { commits: asked.map(figures) }, text: () => text(asked) };
  },
});

function figures({ commit, found, verdict }: AskedCommit) {
  const isDecided = typeof verdict !== "string";
  return {
    commit,
    verdict: isDecided ? outcomeWord(verdict.success) : verdict,
    url: isDecided ? (verdict.url ?? null) : null,
    verified: found?.decided.map(({ agent, by, id }) => ({ agent, execution_id: id, matched: by })) ?? [],
  };
}

const words = {
  undecided: "has not ended, or says neither success nor failure",
  unknown: "nothing that counts was started for it",
  other_workflows: "not asked: its workflows are not those of the default branch",
} as const;

function text(asked: readonly AskedCommit[]): string {
  if (asked.length === 0) return "No commit holds the work of an undecided run: there is nothing to ask.\n";
  return asked
    .map(({ commit, found, verdict }) => {
      const said = typeof verdict === "string" ? words[verdict] : outcomeWord(verdict.success);
      const runs = found === undefined ? "" : `; ${counted(found.decided.length, "run")} verified`;
      return `commit ${commit.slice(0, 12)}: ${said}${runs}\n`;
    })
    .join("");
}
