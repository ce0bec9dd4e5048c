import { MIN_RUNS, shareText } from "../domain/statistics/verdict.ts";
import { plainLine } from "../domain/text/plain-text.ts";
import type { AgentSummary } from "./agent-summary.ts";

const NAMED_AGENTS = 3;
const NAME_CHARACTERS = 64;

/** Which agents need help, in one sentence: the first thing that a list of agents says, in a terminal and on a page. */
export function attentionSentence(agents: readonly AgentSummary[]): string {
  const declining = agents.filter(({ stats }) => stats.success.verdict === "declining");
  if (declining.length > 0) {
    const more = declining.length > NAMED_AGENTS ? `; and ${declining.length - NAMED_AGENTS} more` : "";
    return `${declining.length} declining: ${declining.slice(0, NAMED_AGENTS).map(decline).join("; ")}${more}.`;
  }
  const isAnyJudged = agents.some(({ stats }) => stats.success.verdict !== "too_few_runs");
  return isAnyJudged ? "No agent is declining." : `No agent has the ${MIN_RUNS} runs yet that a verdict needs.`;
}

/** `test-writer, 3 of the last 17 succeeded (32 of 35 before)`. */
function decline({ stats: { success }, summary }: AgentSummary): string {
  const { before, since } = success;
  const earlier = before === null ? "" : ` (${shareText(before)} before)`;
  return `${plainLine(summary.agent, NAME_CHARACTERS)}, ${since.successes} of the last ${since.runs} succeeded${earlier}`;
}
