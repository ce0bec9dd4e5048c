import { MIN_RUNS, shareText } from "../../domain/statistics/verdict.ts";
import type { AgentSummary } from "../../kaizen/kaizen.ts";
import { named } from "../../messages/names.ts";
import type { Style } from "../terminal/style.ts";
import { wrapped } from "../terminal/text-width.ts";

const NAMED_AGENTS = 3;

/** Which agents need help, in one sentence: the first thing that a list of agents says. */
export function attentionText(agents: readonly AgentSummary[], style: Style): string {
  const declining = agents.filter(({ stats }) => stats.success.verdict === "declining");
  const paint = declining.length > 0 ? style.bad : (text: string) => text;
  return `${wrapped(sentence(agents, declining), style.width).map(paint).join("\n")}\n`;
}

function sentence(agents: readonly AgentSummary[], declining: readonly AgentSummary[]): string {
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
  return `${named(summary.agent)}, ${since.successes} of the last ${since.runs} succeeded${earlier}`;
}
