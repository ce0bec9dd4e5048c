import type { MeasuredRecommendation } from "../../domain/coaching/brief.ts";
import { recommendationStatusSchema, updateRecommendationSchema } from "../../domain/coaching/recommendation.ts";
import { nearestName } from "../../domain/text/nearest-name.ts";
import { instant, quoted } from "../../messages/names.ts";
import { type CommandContext, defineCommand, type Outcome } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { checkedField, readFlags } from "../input/field-flags.ts";
import { expectKnownAgent } from "../input/known-agent.ts";
import { recommendationFigures } from "../reports/figures.ts";
import type { Style } from "../terminal/style.ts";
import { type Cell, type Column, table } from "../terminal/table.ts";

const self = { name: "recommendations" };
const changes = updateRecommendationSchema.shape.status.options;
const statuses = recommendationStatusSchema.options;

export const recommendations = defineCommand({
  ...self,
  group: "advise",
  summary: "What optimizers advised, what became of it and whether it helped",
  // Its two forms take different flags: one line would allow what neither does.
  usage: `recommendations [--agent AGENT] [--status ${statuses.join("|")}]
       kaizen-metrics recommendations update ID --status ${changes.join("|")} [--note TEXT]`,
  details: [
    `A recommendation begins as proposed; from there it is adopted, rejected or superseded, and reopened makes it
proposed again. Adopt it before the first run that it applies to: every run after that counts as its effect.`,
  ],
  flags: {
    agent: { type: "string", value: "AGENT", description: "Those for one agent" },
    status: { type: "string", value: "STATUS", description: "Those that stand there; with update: what became of it" },
    note: { type: "string", value: "TEXT", description: "With update: why" },
  },
  positionals: {
    action: { description: '"update" to change one; left out to list them, newest first' },
    id: { description: "Which one to change, e.g. rec_e07b9a4416c8f23d5b90" },
  },
  examples: [
    ["kaizen-metrics recommendations --status adopted", "Did the advice that was followed help?"],
    [
      'kaizen-metrics recommendations update rec_e07b9a4416c8f23d5b90 --status adopted --note "From version 4 on"',
      "It is followed from the next run on",
    ],
  ],
  async run({ flags, positionals: { action, id } }, context) {
    const { agent, note, status } = flags;
    if (action === undefined) {
      if (note !== undefined) throw usageError("--note goes with update.", self);
      return list(context, agent, status);
    }
    if (action !== "update") {
      const meant =
        nearestName(action, ["update"]) === undefined ? ": update ID is, or nothing." : "; did you mean update?";
      throw usageError(`${JSON.stringify(action.slice(0, 80))} is not expected here${meant}`, self);
    }
    if (agent !== undefined) throw usageError("--agent goes with the list.", self);
    if (id === undefined) throw usageError("update needs ID.", self);
    if (status === undefined) throw usageError(`update needs --status, with ${changes.join(", ")}.`, self);
    const update = updateRecommendationSchema.parse({
      ...readFlags(updateRecommendationSchema, ["status", "note"], flags, self),
      id,
    });
    const changed = await (await context.kaizen()).updateRecommendation(update);
    const measured = changed.effect === undefined ? "" : `; ${changed.effect.evidence}`;
    const sentence = `${changed.id} for ${quoted(changed.agent)} is ${changed.status}${measured}.`;
    return { value: recommendationFigures(changed), text: () => `${sentence}\n` };
  },
});

async function list(context: CommandContext, agent?: string, status?: string): Promise<Outcome> {
  checkedField(recommendationStatusSchema.optional(), "status", status, self);
  const kaizen = await context.kaizen();
  const advised = await kaizen.recommendations(agent);
  const found = advised.filter((one) => status === undefined || one.status === status);
  const newestFirst = found.toReversed();
  const value = { recommendations: newestFirst.map(recommendationFigures), total: found.length };
  if (found.length > 0) return { value, text: (style) => recommendationsTable(newestFirst, style) };
  if (agent !== undefined && advised.length === 0) await expectKnownAgent(kaizen, agent);
  const which = `${status === undefined ? "" : ` that is ${status}`}${agent === undefined ? "" : ` for ${quoted(agent)}`}`;
  const note = `There is no recommendation${which} yet.`;
  return { value: { ...value, note }, text: () => `${note}\n` };
}

const columns: readonly Column[] = [
  { title: "id" },
  { title: "agent", flexible: true },
  { title: "status" },
  { title: "priority", align: "right", dispensable: 2 },
  { title: "since", dispensable: 1 },
  { title: "recommendation", flexible: true },
  { title: "effect", flexible: true },
];

function recommendationsTable(found: readonly MeasuredRecommendation[], style: Style): string {
  const rows = found.map(({ agent, changedAt, effect, id, priority, status, title }): Cell[] => [
    id ?? "(none)",
    agent,
    status,
    priority === undefined ? "" : String(priority),
    instant(changedAt),
    title,
    effect === undefined ? "" : { text: effect.evidence, paint: effectPaint(effect.verdict, style) },
  ]);
  return table(columns, rows, style);
}

function effectPaint(verdict: string, style: Style): (text: string) => string {
  if (verdict === "helped") return style.good;
  return verdict === "hurt" ? style.bad : (text) => text;
}
