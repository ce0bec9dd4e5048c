import { type ExecutionFilter, isEmptyFilter } from "../../domain/run/filter.ts";
import { compareWithRest } from "../../kaizen/comparison.ts";
import type { AgentSummary, Kaizen } from "../../kaizen/kaizen.ts";
import { emptinessNote } from "../../messages/absence.ts";
import { counted } from "../../messages/figures.ts";
import { defineCommand, type Outcome } from "../frame/define-command.ts";
import { filterFlags, filterOf, filtersAre } from "../input/filter-flags.ts";
import { expectKnownAgent } from "../input/known-agent.ts";
import { listText, unreadPart, unreadSaid } from "../reports/agent-list.ts";
import { summaryFigures } from "../reports/figures.ts";
import { nothingHere } from "../reports/nothing-here.ts";
import { summaryText } from "../reports/summary-text.ts";

export const summary = defineCommand({
  name: "summary",
  group: "read",
  summary: "How an agent's runs went, or every agent's",
  details: [
    `Where a run was verified, what the verification found counts, and the agent's claim elsewhere. A verdict is given from
ten runs on, and only where the difference is no chance: steady says that nothing has changed for sure.`,
    filtersAre,
    "With --json: the same figures under the same names as the MCP tool get_summary has.",
  ],
  flags: filterFlags,
  positionals: { agent: { description: "Whose runs, e.g. code-reviewer; every agent's where it is left out" } },
  examples: [
    ["kaizen-metrics summary", "Every agent, a line each"],
    ["kaizen-metrics summary code-reviewer", "Everything about one"],
    ["kaizen-metrics summary code-reviewer --version 4", "Its runs of one version, compared with the others"],
    ["kaizen-metrics summary code-reviewer --since 2026-11-01 --json", "For a program"],
  ],
  async run({ flags, positionals: { agent } }, context) {
    const filter = filterOf(flags);
    const kaizen = await context.kaizen();
    return agent === undefined ? every(kaizen, filter) : one(kaizen, agent, filter);
  },
});

async function one(kaizen: Kaizen, agent: string, filter: ExecutionFilter): Promise<Outcome> {
  await expectKnownAgent(kaizen, agent);
  const found = await kaizen.summary(agent, filter);
  const isEmpty = found.summary.execution_count === 0;
  const notes = isEmpty ? [await emptinessNote(kaizen, agent)] : await notesOn(kaizen, found, filter);
  return {
    value: summaryFigures(found, notes.join(" ")),
    text: (style) => (isEmpty ? `${notes.join(" ")}\n` : summaryText(found, notes, style)),
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

async function every(kaizen: Kaizen, filter: ExecutionFilter): Promise<Outcome> {
  const { agents, unread } = await kaizen.readAgents({ filter });
  const shown = isEmptyFilter(filter) ? agents : agents.filter(({ summary }) => summary.execution_count > 0);
  const nothing = agents.length === 0 ? nothingHere : "No run of any agent passes these filters.";
  return {
    value: { agents: shown.map((found) => summaryFigures(found, "")), total: shown.length, ...unreadPart(unread) },
    text: (style) => listText(shown, unread, nothing, style),
    ...unreadSaid(unread),
  };
}
