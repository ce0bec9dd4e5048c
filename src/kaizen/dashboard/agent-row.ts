import { outcomeLetter } from "../../domain/dashboard/letters.ts";
import { ratedOf, rounded, roundedRate, roundedTime } from "../../domain/dashboard/rated.ts";
import { type AgentRow, STRIP_RUNS } from "../../domain/dashboard/view-model.ts";
import type { EvidenceFigures } from "../../domain/evidence/evidence-figures.ts";
import { outcomeIn } from "../../domain/figures/stats.ts";
import { formatInstant, readInstant } from "../../domain/run/time.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../figures/agent-summary.ts";

export const NAME_CHARACTERS = 64;

/** An agent in a row: what the list of agents shows of it, and what stands at the head of its own page. */
export function agentRow(known: AgentSummary, underWay: number): AgentRow {
  const { coverage, evidence, overview, stats, summary } = known;
  const { success, verified } = stats;
  const strip = overview.view.recent
    .slice(-STRIP_RUNS)
    .map((run) => outcomeLetter(run.success, outcomeIn(overview.verified, run)));
  return {
    name: plainLine(summary.agent, NAME_CHARACTERS),
    ...ratedOf(success),
    verdict: success.verdict,
    evidence: success.evidence,
    since: { ...success.since },
    before: success.before,
    last_at: shownInstant(summary.last_execution),
    strip: strip.join(""),
    verified: {
      runs: verified.runs,
      rate: roundedRate(verified.rate),
      claimed_rate: roundedRate(verified.claimed_rate),
      gap: verified.gap === null ? null : rounded(verified.gap),
    },
    coverage:
      coverage === undefined ? null : { started: coverage.started, ended: coverage.ended, reported: coverage.reported },
    median_time_s: roundedTime(stats.execution_time_s.median),
    cost: costOf(evidence),
    under_way: underWay,
  };
}

/** A timestamp that can be read, as UTC; other programs may have put any text there. */
export function shownInstant(timestamp: string | null | undefined): string | null {
  const at = readInstant(timestamp ?? null);
  return at === undefined ? null : formatInstant(at);
}

export function costOf(evidence: EvidenceFigures | undefined): AgentRow["cost"] {
  const cost = evidence?.cost_usd;
  if (cost === undefined || cost === null || cost.runs === 0) return null;
  const { per_run, per_verified_success, runs } = cost;
  return {
    runs,
    per_run: dollars(per_run),
    per_verified_success: per_verified_success && dollars(per_verified_success),
  };
}

/** To a hundredth of a cent. */
function dollars(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
