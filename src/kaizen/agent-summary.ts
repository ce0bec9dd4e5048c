import type { AgentName } from "../domain/agent-name.ts";
import type { RunOutcome } from "../domain/effect.ts";
import { computeStats, outcomeIn, type Stats } from "../domain/stats.ts";
import { type Summary, summarise } from "../domain/summary.ts";
import type { CheckedOverview } from "../storage/store.ts";

/** The ADR-004 summary, and what has to be known to read it right. */
export interface AgentSummary {
  readonly summary: Summary;
  readonly overview: CheckedOverview;
  /** What can honestly be concluded from the same runs. */
  readonly stats: Stats;
  /** On how many of them verifiers contradict each other. */
  readonly contradictions: number;
}

export type AgentOrder = "name" | "success_rate" | "last_execution";

export function readOut(agent: AgentName, overview: CheckedOverview): AgentSummary {
  const { contradictions } = overview.verified;
  return { summary: summarise(agent, overview.view), overview, stats: computeStats(overview), contradictions };
}

export const agentOrders: Record<AgentOrder, (a: AgentSummary, b: AgentSummary) => number> = {
  name: () => 0,
  success_rate: (a, b) => a.summary.success_rate - b.summary.success_rate,
  last_execution: (a, b) => lastInstant(b) - lastInstant(a),
};

function lastInstant(agent: AgentSummary): number {
  const last = agent.overview.view.recent.at(-1);
  return last?.at ?? Number.NEGATIVE_INFINITY;
}

/** The last live runs, each with the outcome that counts. */
export function outcomesOf(overview: CheckedOverview | undefined): RunOutcome[] {
  if (overview === undefined) return [];
  return overview.view.recent.map((run) => ({ ...run, success: outcomeIn(overview.verified, run) }));
}
