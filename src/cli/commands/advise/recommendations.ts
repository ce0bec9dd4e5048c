import type { MeasuredRecommendation } from "../../../domain/coaching/brief-input.ts";
import { recommendationStatusSchema, updateRecommendationSchema } from "../../../domain/coaching/recommendation.ts";
import type { SinceThen } from "../../../domain/coaching/since-then.ts";
import { trialOutcomeSchema, trialShareSchema } from "../../../domain/coaching/trial.ts";
import { nearestName } from "../../../domain/text/nearest-name.ts";
import type { MeasuredTrial } from "../../../kaizen/kaizen.ts";
import { percent } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import { unreadLines } from "../../../messages/unread.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { checkedField, readFlags } from "../../input/field-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { recommendationFigures } from "../../reports/figures.ts";
import type { Style } from "../../terminal/style.ts";
import { type Cell, type Column, table } from "../../terminal/table.ts";

const self = { name: "recommendations" };
const changes = updateRecommendationSchema.shape.status.options;
const statuses = recommendationStatusSchema.options;
/** What can be said in one word, and what it is a change to. */
const shortChanges: Readonly<Record<string, (typeof changes)[number]>> = { adopt: "adopted", reject: "rejected" };
const actions = [...Object.keys(shortChanges), "update", "trial", "stop"];

export const recommendations = defineCommand({
  ...self,
  group: "advise",
  summary: "What optimizers advised, how runs went since, and trials of it",
  // Its forms take different flags: one line would allow what none of them does.
  usage: `recommendations [--agent AGENT] [--status ${statuses.join("|")}]
       kaizen-metrics recommendations adopt|reject ID [--note TEXT]
       kaizen-metrics recommendations update ID --status ${changes.join("|")} [--note TEXT]
       kaizen-metrics recommendations trial ID [--share SHARE] [--outcome ${trialOutcomeSchema.options.join("|")}]
       kaizen-metrics recommendations stop ID`,
  details: [
    `A recommendation begins as proposed; from there it is adopted, rejected or superseded, and reopened makes it
proposed again. Adopt it before the first run that it applies to: the runs after that are compared with those before.
That comparison names no cause, since whatever else changed on that day is in it.`,
    `A trial tells whether advice helps: before each run of the agent a coin says whether its brief shows the advice.
The trial is decided once E and the Bayes factor both reach 20, and ends without a result after 200 runs with an outcome.
stop, or a change of the status, ends it before. The coins need the subagent-start hook, and only a person starts one.`,
  ],
  flags: {
    agent: { type: "string", value: "AGENT", description: "Those for one agent" },
    status: { type: "string", value: "STATUS", description: "Those that stand there; with update: what became of it" },
    note: { type: "string", value: "TEXT", description: "With adopt, reject or update: why" },
    share: {
      type: "string",
      value: "SHARE",
      description: "With trial: the share of runs that are shown it (default 0.5)",
    },
    outcome: {
      type: "string",
      value: "KIND",
      description: "With trial: verified (default), or claimed where nothing is",
    },
  },
  positionals: {
    action: { description: "adopt, reject, update, trial or stop; left out to list them, newest first" },
    // What stands behind it is taken too, to say what was meant by it.
    id: { rest: true, description: "Which one to change, e.g. rec_e07b9a4416c8f23d5b90" },
  },
  examples: [
    ["kaizen-metrics recommendations --status adopted", "How did runs go since the advice was followed?"],
    [
      'kaizen-metrics recommendations adopt rec_e07b9a4416c8f23d5b90 --note "From version 4 on"',
      "It is followed from the next run on",
    ],
    ["kaizen-metrics recommendations trial rec_e07b9a4416c8f23d5b90", "Does it help? Half of the runs are shown it"],
  ],
  async run({ flags, positionals: { action, id: ids = [] } }, context) {
    const [id, surplus] = ids;
    const { agent, note, outcome, share, status } = flags;
    const change = action === undefined || !Object.hasOwn(shortChanges, action) ? undefined : shortChanges[action];
    if (note !== undefined && action !== "update" && change === undefined)
      throw usageError("--note goes with adopt, reject or update.", self);
    if ((share ?? outcome) !== undefined && action !== "trial")
      throw usageError("--share and --outcome go with trial.", self);
    if (action === undefined) return list(context, agent, status);
    if (!actions.includes(action)) throw unknownAction(action);
    if (agent !== undefined) throw usageError("--agent goes with the list.", self);
    if (id === undefined) throw usageError(`${action} needs ID.`, self);
    if (surplus !== undefined) throw surplusWord(surplus);
    if (action !== "update" && status !== undefined)
      throw usageError("--status goes with the list and with update.", self);
    if (action === "trial") return startTrial(context, id, share, outcome);
    if (action === "stop") return stopTrial(context, id);
    if (change === undefined && status === undefined)
      throw usageError(`update needs --status, with ${changes.join(", ")}. To adopt: recommendations adopt ID.`, self);
    const update = updateRecommendationSchema.parse({
      ...readFlags(updateRecommendationSchema, ["status", "note"], { ...flags, status: change ?? status }, self),
      id,
    });
    const changed = await (await context.kaizen()).updateRecommendation(update);
    const measured = changed.sinceThen === undefined ? "" : `; ${changed.sinceThen.evidence}`;
    const sentence = `${changed.id} for ${quoted(changed.agent)} is ${changed.status}${measured}.`;
    return { value: recommendationFigures(changed, undefined), text: () => `${sentence}\n` };
  },
});

function unknownAction(action: string) {
  const meant = nearestName(action, actions);
  const hint = meant === undefined ? "To adopt: recommendations adopt ID." : `Did you mean ${meant}?`;
  return usageError(`Unknown action ${JSON.stringify(action.slice(0, 80))}. ${hint}`, self);
}

function surplusWord(word: string) {
  const said = Object.hasOwn(shortChanges, word) ? word : "adopt";
  return usageError(
    `${JSON.stringify(word.slice(0, 80))} is not expected here. To ${said}: recommendations ${said} ID.`,
    self,
  );
}

async function startTrial(
  context: CommandContext,
  id: string,
  share: string | undefined,
  outcome: string | undefined,
): Promise<Outcome> {
  checkedField(trialOutcomeSchema.optional(), "outcome", outcome, self);
  const settings = { share: shareOf(share ?? "0.5"), outcome: trialOutcomeSchema.parse(outcome ?? "verified") };
  const kaizen = await context.kaizen();
  const started = await kaizen.trials.start(id, settings);
  const sentence =
    `${id} for ${quoted(started.agent)} is on trial: ${percent(settings.share)} of its runs from now on are shown it, ` +
    `and what counts is the ${settings.outcome} outcome.`;
  const note =
    "Coins are thrown by the hook subagent-start; kaizen-metrics recommendations tells what they have come to.";
  return {
    value: recommendationFigures({ ...started, sinceThen: undefined }, undefined),
    text: () => `${sentence}\n`,
    note,
  };
}

/** The share of runs that are shown the advice. Both sides of the coin have to come up. */
function shareOf(text: string): number {
  const share = /^0?\.\d{1,4}$/.test(text) ? trialShareSchema.safeParse(Number(text)).data : undefined;
  if (share !== undefined) return share;
  throw usageError(`--share is ${JSON.stringify(text.slice(0, 80))}; send a number from 0.1 to 0.9, e.g. 0.5.`, self);
}

async function stopTrial(context: CommandContext, id: string): Promise<Outcome> {
  const kaizen = await context.kaizen();
  const stopped = await kaizen.trials.stop(id);
  const trial = (await kaizen.trials.settle([stopped])).get(id);
  const figures = recommendationFigures({ ...stopped, sinceThen: undefined }, trial);
  return { value: figures, text: () => `${id} for ${quoted(stopped.agent)}: ${trial?.evidence ?? "trial stopped"}.\n` };
}

async function list(context: CommandContext, agent?: string, status?: string): Promise<Outcome> {
  checkedField(recommendationStatusSchema.optional(), "status", status, self);
  const kaizen = await context.kaizen();
  const advised = await kaizen.recommendations(agent);
  const { unreadable } = await kaizen.advice();
  const found = advised.filter((one) => status === undefined || one.status === status);
  const newestFirst = found.toReversed();
  const trials = await kaizen.trials.settle(found);
  const figures = newestFirst.map((one) =>
    recommendationFigures(one, one.id === null ? undefined : trials.get(one.id)),
  );
  const value = {
    recommendations: figures,
    total: found.length,
    ...(unreadable === 0 ? {} : { damaged_lines: unreadable }),
  };
  const remark = unreadable === 0 ? "" : `${unreadLines(unreadable)}\n`;
  if (found.length > 0) {
    return { value, text: (style) => `${recommendationsTable(newestFirst, trials, style)}${style.warning(remark)}` };
  }
  if (agent !== undefined && advised.length === 0) await expectKnownAgent(kaizen, agent);
  const which = `${status === undefined ? "" : ` that is ${status}`}${agent === undefined ? "" : ` for ${quoted(agent)}`}`;
  const note = `There is no recommendation${which} yet.`;
  return { value: { ...value, note }, text: (style) => `${note}\n${style.warning(remark)}` };
}

const columns: readonly Column[] = [
  { title: "id", dispensable: 1 },
  { title: "agent", flexible: true, least: 12 },
  { title: "status" },
  { title: "priority", align: "right", dispensable: 3 },
  { title: "since", dispensable: 2 },
  { title: "recommendation", flexible: true, below: true },
  { title: "trial, or since then", flexible: true, below: true },
];

function recommendationsTable(
  found: readonly MeasuredRecommendation[],
  trials: ReadonlyMap<string, MeasuredTrial>,
  style: Style,
): string {
  const rows = found.map(({ agent, changedAt, id, priority, sinceThen, status, title }): Cell[] => [
    id ?? "(none)",
    agent,
    status,
    priority === undefined ? "" : String(priority),
    style.when(changedAt),
    title,
    trials.get(id ?? "")?.evidence ??
      (sinceThen === undefined ? "" : { text: sinceThen.evidence, paint: sincePaint(sinceThen.verdict, style) }),
  ]);
  return table(columns, rows, style);
}

function sincePaint(verdict: SinceThen["verdict"], style: Style): (text: string) => string {
  if (verdict === "better_since") return style.good;
  return verdict === "worse_since" ? style.bad : (text) => text;
}
