import type { MeasuredRecommendation } from "../../domain/coaching/brief-input.ts";
import type { TrialStanding } from "../../domain/coaching/trial.ts";
import type { AgentSummary, MeasuredTrial } from "../../kaizen/kaizen.ts";

// What --json prints: the names and the figures of the MCP tools. Nothing is cut here, for no
// model has to read it; what is `undefined` is left out.

/** As `get_summary` has it. */
export function summaryFigures({ coverage, evidence, stats, summary }: AgentSummary, note: string) {
  return { ...summary, stats, coverage, evidence, ...(note === "" ? {} : { note }) };
}

/** As `list_agents` has it. */
export function agentFigures({ contradictions, coverage, evidence, stats, summary }: AgentSummary) {
  const { declining_since, evidence: why, interval, rate, verdict } = stats.success;
  return {
    agent: summary.agent,
    execution_count: summary.execution_count,
    success_rate: summary.success_rate,
    avg_quality_score: summary.avg_quality_score,
    quality_reported: stats.quality.reported,
    last_execution: summary.last_execution,
    success: { rate, interval, verdict, evidence: why, declining_since },
    verified: stats.verified,
    contradictions,
    damaged_lines: stats.damaged_lines,
    coverage,
    evidence,
  };
}

/** As the resource `kaizen://optimizer/recommendations` has it, with a trial, which that never shows. */
export function recommendationFigures(one: MeasuredRecommendation, trial: MeasuredTrial | undefined) {
  const { agent, changedAt, detail, id, note, priority, proposed, sinceThen, status, title } = one;
  return {
    id,
    agent,
    title,
    detail,
    priority,
    status,
    proposed_at: proposed.timestamp,
    changed_at: changedAt,
    note,
    since_then: sinceThen,
    trial: trial === undefined ? undefined : trialFigures(trial),
  };
}

/** A trial, and what it has come to by today's outcomes; `decision` is what it had come to when it was decided. */
function trialFigures({ decision, evidence, number, outcome, share, standing, startedAt, stoppedAt }: MeasuredTrial) {
  return {
    number,
    share,
    outcome,
    started_at: startedAt,
    stopped_at: stoppedAt ?? null,
    decision: decision ?? null,
    ...standingFigures(standing),
    evidence,
  };
}

export function standingFigures({ notShown, result, shown, undecided }: TrialStanding) {
  const { bayesFactor, helps, hurts, verdict } = result;
  return {
    shown: { ...shown, undecided: undecided.shown },
    not_shown: { ...notShown, undecided: undecided.notShown },
    helps,
    hurts,
    bayes_factor: bayesFactor,
    verdict,
  };
}
