import { MIN_RUNS, shareText } from "../../domain/statistics/verdict.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { type AgentSummary, agentOrders } from "./agent-summary.ts";

const NAMED_AGENTS = 3;
const NAME_CHARACTERS = 64;

/** Which agents need help, in one sentence: the first thing that a list of agents says, in a terminal and on a page. */
export function attentionSentence(agents: readonly AgentSummary[]): string {
  if (agents.every(({ summary }) => summary.execution_count === 0)) return noReportSentence(agents);
  const declining = agents.filter(({ stats }) => stats.success.verdict === "declining");
  if (declining.length > 0) {
    const more = declining.length > NAMED_AGENTS ? `; and ${declining.length - NAMED_AGENTS} more` : "";
    return `${declining.length} declining: ${declining.slice(0, NAMED_AGENTS).map(decline).join("; ")}${more}.`;
  }
  const judged = agents.filter(({ stats }) => stats.success.verdict !== "too_few_runs");
  if (judged.length === 0) return `No agent has the ${MIN_RUNS} runs yet that a verdict needs.`;
  return `No agent is declining.${lowest(judged)}`;
}

/** Of agents without a reported run: what hooks and transcripts have shown of them all the same. */
export function noReportSentence(agents: readonly AgentSummary[]): string {
  const seen = agents.reduce((sum, { coverage, evidence }) => {
    return sum + Math.max(evidence?.runs ?? 0, coverage?.started ?? 0);
  }, 0);
  const were = seen === 0 ? "" : `; ${seen} ${seen === 1 ? "run was" : "runs were"} seen`;
  return `No agent has reported a run yet${were}.`;
}

/** An agent that fails all the time declines no further, and needs help all the same. One that never failed needs none. */
function lowest(judged: readonly AgentSummary[]): string {
  const [worst] = judged.filter(({ stats }) => stats.success.successes < stats.success.runs).sort(agentOrders.worst);
  if (worst === undefined) return "";
  return ` Lowest: ${nameOf(worst)}, ${shareText(worst.stats.success)} succeeded.`;
}

/** `test-writer, 3 of the last 17 succeeded (32 of 35 before)`. */
function decline(known: AgentSummary): string {
  const { before, since } = known.stats.success;
  const earlier = before === null ? "" : ` (${shareText(before)} before)`;
  return `${nameOf(known)}, ${since.successes} of the last ${since.runs} succeeded${earlier}`;
}

function nameOf({ summary }: AgentSummary): string {
  return plainLine(summary.agent, NAME_CHARACTERS);
}
