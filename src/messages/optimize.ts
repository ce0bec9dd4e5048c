import { successRateOf } from "../domain/figures/success-rate.ts";
import type { AgentSummary, Kaizen } from "../kaizen/kaizen.ts";
import { agentFacts, markedName } from "./agent-facts.ts";
import { succeededRuns, verifiedRates } from "./figures.ts";
import { unreadSentence } from "./unread.ts";

// What an optimizer is given: by the MCP prompt, and by the command of the same name.

const LISTED_AGENTS = 20;
const BRIEFED_AGENTS = 3;

/** Markdown about one agent, or about those that fail most. */
export function factsToOptimize(kaizen: Kaizen, agent: string | undefined): Promise<string> {
  return agent === undefined ? factsOfAll(kaizen) : agentFacts(kaizen, agent, "full");
}

export function askToOptimize(agent: string | undefined): string {
  return `Find what would make ${agent === undefined ? "these agents" : markedName(agent)} succeed more often.

1. Read what failed: read_executions with success false. A cause needs more than one run that shows it. get_summary with task, model or version tells whether it is confined to one of them; below 10 runs a side nothing can be concluded.
2. Where runs went worse since advice was adopted, or it no longer fits, note that: update_recommendation with status "rejected" or "superseded".
3. Call write_optimizer_analysis, once: a report of what was found, with the ids of the runs that bear it out, and at most three recommendations. Each is one change, for one agent, that later runs can bear out or not. If the data bears out none, give none.`;
}

async function factsOfAll(kaizen: Kaizen): Promise<string> {
  const { agents: read, unread } = await kaizen.readAgents({ order: "success_rate" });
  const agents = read.filter(({ summary }) => summary.execution_count > 0);
  const names = unread.map(({ agent }) => agent);
  const left = names.length === 0 ? [] : [unreadSentence(names, names.length, markedName)];
  if (agents.length === 0) return left[0] ?? "No agent has recorded a run in this project yet.";
  const lines = agents.slice(0, LISTED_AGENTS).map(agentLine);
  if (agents.length > LISTED_AGENTS) lines.push(`- ${agents.length - LISTED_AGENTS} more, with higher rates`);
  const parts = [`# Agents, lowest success rate first\n\n${lines.join("\n")}`];
  for (const { summary } of agents.slice(0, BRIEFED_AGENTS)) {
    parts.push(await agentFacts(kaizen, summary.agent, "short"));
  }
  return [...parts, ...left].join("\n\n");
}

function agentLine({ stats, summary }: AgentSummary): string {
  const verified = verifiedRates(stats.verified);
  const rates = `${succeededRuns(successRateOf(stats))}; ${stats.success.evidence}`;
  return `- ${markedName(summary.agent)}: ${rates}${verified === undefined ? "" : `; ${verified}`}`;
}
