import { isRunId } from "../../../domain/run/execution.ts";
import { KaizenError } from "../../../errors.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";
import { runById } from "../../../kaizen/queries/run-list.ts";
import { quoted } from "../../../messages/names.ts";
import { defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { recommendationFigures } from "../../reports/figures.ts";
import { recommendationText } from "../../reports/recommendation-text.ts";
import { runText } from "../../reports/run-text.ts";
import { type ListedRun, listedVoided, runFigures } from "../../reports/runs-table.ts";

const self = { name: "show" };

export const show = defineCommand({
  ...self,
  group: "read",
  summary: "Everything about one run, or about one piece of advice",
  details: [
    `Of a run: the outcome that counts and who checked it, what hooks and transcripts saw of it, and its whole record. Of a
recommendation: its detail, each change with its note, the runs since it was adopted, and its trial.`,
  ],
  flags: {
    agent: { type: "string", value: "AGENT", description: "Whose run, if runs of several agents say the same" },
  },
  positionals: {
    id: { required: true, description: "e.g. run_5d1f0c83a92e47b6d015 or rec_e07b9a4416c8f23d5b90" },
  },
  examples: [
    ["kaizen-metrics show run_5d1f0c83a92e47b6d015", "What happened there?"],
    ["kaizen-metrics show rec_e07b9a4416c8f23d5b90", "Why was this advised, and what came of it?"],
  ],
  async run({ flags: { agent }, positionals: { id } }, context) {
    const kaizen = await context.kaizen();
    if (isRunId(id)) return ofRun(kaizen, id, agent);
    if (agent !== undefined) throw usageError("--agent goes with the id of a run.", self);
    if (id.startsWith("rec_")) return ofRecommendation(kaizen, id);
    const { isThere } = await kaizen.lookUp(id).catch(() => ({ isThere: false }));
    const meant = isThere ? ` Of an agent: kaizen-metrics summary ${id}` : "";
    throw usageError(`show takes the id of a run (run_…, content_…) or of a recommendation (rec_…).${meant}`, self);
  },
});

async function ofRun(kaizen: Kaizen, id: string, whose: string | undefined): Promise<Outcome> {
  const known = whose === undefined ? undefined : (await kaizen.lookUp(await expectKnownAgent(kaizen, whose))).agent;
  const run: ListedRun | undefined = (await runById(kaizen, id, known)) ?? (await voidedById(kaizen, id, known));
  if (run === undefined) {
    throw new KaizenError("NOT_FOUND", `There is no run ${quoted(id)}, or it has expired.`, {
      hint: "kaizen-metrics runs lists them with their ids.",
    });
  }
  const { key } = run.execution;
  const { agent } = await kaizen.lookUp(run.agent);
  const lifecycle = key === undefined ? undefined : (await kaizen.findObservedRun(key, agent))?.run;
  const facts = key === undefined ? undefined : (await kaizen.evidence.find(key, agent))?.run.facts;
  const checks = run.verifications.map(({ agent: _, execution_id: __, ...verification }) => verification);
  return {
    value: { ...runFigures(run), verifications: checks, lifecycle: lifecycle ?? null, evidence: facts ?? null },
    text: (style) => runText(run, lifecycle, facts, style),
  };
}

async function voidedById(kaizen: Kaizen, id: string, agent: string | undefined): Promise<ListedRun | undefined> {
  const voided = await kaizen.voiding.voidedRun(id, agent);
  return voided === undefined ? undefined : listedVoided(voided);
}

async function ofRecommendation(kaizen: Kaizen, id: string): Promise<Outcome> {
  const one = (await kaizen.recommendations()).find((found) => found.id === id);
  if (one === undefined) {
    throw new KaizenError("NOT_FOUND", `There is no recommendation ${quoted(id)}.`, {
      hint: "kaizen-metrics recommendations lists them with their ids.",
    });
  }
  const trial = (await kaizen.trials.settle([one])).get(id);
  const events = (await kaizen.advice()).events.filter((event) => event.id === id);
  const shown = events.map(({ change, note, timestamp }) => ({ change, timestamp, note }));
  return {
    value: { ...recommendationFigures(one, trial), events: shown },
    text: (style) => recommendationText(one, { events: shown, trial }, style),
  };
}
