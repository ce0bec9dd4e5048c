import { type ExecutionFilter, isEmptyFilter } from "../../../domain/run/filter.ts";
import type { AgentSummary, Kaizen } from "../../../kaizen/kaizen.ts";
import { compareWithRest } from "../../../kaizen/queries/comparison.ts";
import { emptinessNote } from "../../../messages/absence.ts";
import { counted, percent } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import { defineCommand, type Outcome } from "../../frame/define-command.ts";
import { filterFlags, filterOf, filtersAre } from "../../input/filter-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { listText, unreadPart, unreadSaid } from "../../reports/agent-list.ts";
import { standingFigures, summaryFigures } from "../../reports/figures.ts";
import { nothingHere } from "../../reports/nothing-here.ts";
import { evidenceText, summaryText } from "../../reports/summary-text.ts";

export const summary = defineCommand({
  name: "summary",
  group: "read",
  summary: "How an agent's runs went, or every agent's",
  details: [
    `Where a run was verified, what the verification found counts, and the agent's claim elsewhere. A change is told from ten
runs on, if it is more likely than not that one of the last 60 runs began it; steady: there is none to be sure of.`,
    filtersAre,
    "With --json: the same figures under the same names as the MCP tool get_summary has.",
  ],
  flags: {
    ...filterFlags,
    holdout: { type: "boolean", description: "What the runs without a brief tell; see init --holdout" },
  },
  positionals: { agent: { description: "Whose runs, e.g. code-reviewer; every agent's where it is left out" } },
  examples: [
    ["kaizen-metrics summary", "Which agent needs help? Every agent, the worst first"],
    ["kaizen-metrics summary code-reviewer", "Everything about one"],
    ["kaizen-metrics summary code-reviewer --version 4", "Its runs of one version, compared with the others"],
    ["kaizen-metrics summary code-reviewer --since 2026-11-01 --json", "For a program"],
  ],
  async run({ flags, positionals: { agent } }, context) {
    const filter = filterOf(flags, context);
    const kaizen = await context.kaizen();
    if (flags.holdout === true) return holdouts(kaizen, agent);
    return agent === undefined ? every(kaizen, filter, context.json) : one(kaizen, agent, filter);
  },
});

async function one(kaizen: Kaizen, agent: string, filter: ExecutionFilter): Promise<Outcome> {
  await expectKnownAgent(kaizen, agent);
  const found = await kaizen.summary(agent, filter);
  const isEmpty = found.summary.execution_count === 0;
  const notes = isEmpty ? [await emptinessNote(kaizen, agent)] : await notesOn(kaizen, found, filter);
  return {
    value: summaryFigures(found, notes.join(" ")),
    text: (style) => (isEmpty ? evidenceText : summaryText)(found, notes, style),
  };
}

/** What the figures have no name for. */
async function notesOn(kaizen: Kaizen, found: AgentSummary, filter: ExecutionFilter): Promise<string[]> {
  const notes: string[] = [];
  if (found.contradictions > 0) {
    notes.push(`Verifiers contradict each other on ${counted(found.contradictions, "run")}.`);
  }
  const comparison = await compareWithRest(kaizen, found, filter);
  if (comparison === undefined) return notes;
  return [...notes, `Compared: ${comparison.evidence}.`, ...(comparison.warning === null ? [] : [comparison.warning])];
}

/** People see the agent that needs help first; programs know the order by name. */
async function every(kaizen: Kaizen, filter: ExecutionFilter, json: boolean): Promise<Outcome> {
  const { agents, unread } = await kaizen.readAgents({ filter, order: json ? "name" : "worst" });
  const shown = isEmptyFilter(filter) ? agents : agents.filter(({ summary }) => summary.execution_count > 0);
  const nothing = agents.length === 0 ? nothingHere : "No run of any agent passes these filters.";
  return {
    value: { agents: shown.map((found) => summaryFigures(found, "")), total: shown.length, ...unreadPart(unread) },
    text: (style) => listText(shown, unread, nothing, style),
    ...unreadSaid(unread),
  };
}

/** What the runs of one agent, or of each, tell of the brief that some of them did not get. */
async function holdouts(kaizen: Kaizen, agent: string | undefined): Promise<Outcome> {
  if (agent !== undefined) await expectKnownAgent(kaizen, agent);
  const agents = agent === undefined ? await kaizen.agentNames() : [(await kaizen.lookUp(agent)).agent];
  const found: { agent: string; holdout: number; evidence: string; figures: object }[] = [];
  for (const name of agents) {
    for (const { evidence, heldOut, standing } of await kaizen.trials.results.holdouts(name)) {
      found.push({ agent: name, holdout: heldOut, evidence, figures: standingFigures(standing) });
    }
  }
  const value = { holdouts: found.map(({ figures, ...rest }) => ({ ...rest, ...figures })) };
  if (found.length === 0) {
    const note = "No run was held out. kaizen-metrics init --holdout 0.1 leaves a tenth of the runs without a brief.";
    return { value: { ...value, note }, text: () => `${note}\n` };
  }
  const line = ({ agent: name, evidence, holdout }: (typeof found)[number]) =>
    `${quoted(name)}, ${percent(holdout)} without a brief: ${evidence}\n`;
  return { value, text: () => found.map(line).join("") };
}
