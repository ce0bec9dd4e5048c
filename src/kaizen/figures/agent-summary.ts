import type { RunOutcome } from "../../domain/coaching/since-then.ts";
import type { Coverage } from "../../domain/coverage/coverage.ts";
import type { EvidenceFigures } from "../../domain/evidence/evidence-figures.ts";
import { computeStats, outcomeIn, type Stats } from "../../domain/figures/stats.ts";
import { type Summary, summarise } from "../../domain/figures/summary.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { formatInstant, readInstant } from "../../domain/run/time.ts";
import type { VerifiedOverview } from "../../storage/store.ts";

/** The ADR-004 summary, and what has to be known to read it right. */
export interface AgentSummary {
  readonly summary: Summary;
  readonly overview: VerifiedOverview;
  /** What can honestly be concluded from the same runs. */
  readonly stats: Stats;
  /** Whether the last run succeeded, as verified, else as claimed; `undefined` without a run. */
  readonly lastSucceeded: boolean | undefined;
  /** On how many of them verifiers contradict each other. */
  readonly contradictions: number;
  /** How much of the agent's work these figures cover; `undefined` if no hook ever saw anything, or a filter picks. */
  readonly coverage: Coverage | undefined;
  /** What was seen of its runs beside its claims; `undefined` if nothing was, or a filter picks. */
  readonly evidence: EvidenceFigures | undefined;
}

/** Its figures alone: what is no number, nor an instant, is left out. */
export function withoutTexts(known: AgentSummary): AgentSummary {
  const { evidence, stats, summary } = known;
  const { execution_time_s, quality, success } = stats;
  return {
    ...known,
    summary: { ...summary, last_execution: instantOnly(summary.last_execution) },
    stats: {
      ...stats,
      success: { ...success, declining_since: instantOnly(success.declining_since) },
      quality: { ...quality, declining_since: instantOnly(quality.declining_since) },
      execution_time_s: { ...execution_time_s, declining_since: instantOnly(execution_time_s.declining_since) },
      failures: [],
    },
    // Ids come from records, which other writers may have written.
    evidence: evidence === undefined ? undefined : { ...evidence, worth_a_look: [] },
  };
}

/** Other writers may have put any text in the place of a timestamp. */
function instantOnly(timestamp: string | null): string | null {
  const at = readInstant(timestamp);
  return at === undefined ? null : formatInstant(at);
}

export type AgentOrder = "name" | "success_rate" | "last_execution" | "worst";

export function readOut(
  agent: AgentName,
  overview: VerifiedOverview,
  beside: Partial<Pick<AgentSummary, "coverage" | "evidence" | "stats">>,
): AgentSummary {
  const { contradictions } = overview.verified;
  const last = overview.view.recent.at(-1);
  return {
    summary: summarise(agent, overview.view),
    overview,
    stats: beside.stats ?? computeStats(overview),
    lastSucceeded: last && outcomeIn(overview.verified, last),
    contradictions,
    coverage: beside.coverage,
    evidence: beside.evidence,
  };
}

export const agentOrders: Record<AgentOrder, (a: AgentSummary, b: AgentSummary) => number> = {
  name: () => 0,
  success_rate: (a, b) => rateFor(a) - rateFor(b),
  last_execution: (a, b) => lastInstant(b) - lastInstant(a),
  worst: (a, b) => need(a) - need(b) || a.stats.success.interval[0] - b.stats.success.interval[0],
};

/** Who needs help first: those that decline, then all whose runs tell enough, then those with too few runs or none. */
function need({ stats, summary }: AgentSummary): number {
  if (summary.execution_count === 0) return 3;
  if (stats.success.verdict === "too_few_runs") return 2;
  return stats.success.verdict === "declining" ? 0 : 1;
}

/** An agent without runs has failed in none: it comes behind all that have some. */
function rateFor({ stats }: AgentSummary): number {
  return stats.success.rate ?? 2;
}

function lastInstant(agent: AgentSummary): number {
  const last = agent.overview.view.recent.at(-1);
  return last?.at ?? Number.NEGATIVE_INFINITY;
}

/** The last live runs, each with the outcome that counts. */
export function outcomesOf(overview: VerifiedOverview | undefined): RunOutcome[] {
  if (overview === undefined) return [];
  return overview.view.recent.map((run) => ({ ...run, success: outcomeIn(overview.verified, run) }));
}
