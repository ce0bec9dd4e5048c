import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../agent-summary.ts";
import { NAME_CHARACTERS } from "./agent-row.ts";

/** Agents that decline, then by the lower end of the interval; those of which too little is known come last. */
export function neediestFirst(agents: readonly AgentSummary[]): AgentSummary[] {
  return [...agents].sort((a, b) => rankOf(a) - rankOf(b) || lowEnd(a) - lowEnd(b));
}

function rankOf({ stats }: AgentSummary): number {
  const { runs, verdict } = stats.success;
  if (runs === 0) return 3;
  return verdict === "declining" ? 0 : verdict === "too_few_runs" ? 2 : 1;
}

function lowEnd({ stats }: AgentSummary): number {
  return stats.success.interval[0];
}

/** Which agent needs help. */
export function headlineOf(agents: readonly AgentSummary[]): string {
  const declining = agents.filter(({ stats }) => stats.success.verdict === "declining");
  const [first] = declining;
  if (agents.every(({ stats }) => stats.success.runs === 0)) return "No run is on record yet.";
  if (first === undefined) return "No agent is declining.";
  const name = plainLine(first.summary.agent, NAME_CHARACTERS);
  const evidence = first.stats.success.evidence;
  return declining.length === 1
    ? `${name} needs help: ${evidence}`
    : `${declining.length} agents decline, ${name} first: ${evidence}`;
}
