import type { AgentModel } from "../../domain/dashboard/view-model.ts";
import { costText, hitRateText, seenCounts } from "../../domain/evidence/evidence-figures.ts";
import type { AgentSummary } from "../figures/agent-summary.ts";
import { costOf } from "./agent-row.ts";

/** What the figures come to, in the words of the command line and the brief. */
export function sentencesOf({ contradictions, coverage, stats }: AgentSummary): string[] {
  const { execution_time_s: time, quality, self_score, success } = stats;
  const lines = [success.evidence];
  if (quality.reported > 0) lines.push(`quality ${quality.evidence}`);
  if (time.reported > 0) lines.push(`time ${time.evidence}`);
  if (self_score !== null) lines.push(self_score);
  if (contradictions > 0) lines.push(`Verifiers contradict each other on ${plural(contradictions, "run")}.`);
  if (coverage !== undefined)
    lines.push(`${coverage.reported} of ${plural(coverage.started, "run")} that hooks saw were reported.`);
  return lines;
}

export function evidenceOf({ evidence }: AgentSummary): AgentModel["evidence"] {
  if (evidence === undefined) return { lines: [], tokens: null, cost: null };
  const seen = seenCounts(evidence);
  const cost = costText(evidence);
  const { tokens } = evidence;
  return {
    lines: [
      ...(seen === undefined ? [] : [`Tests were seen on ${plural(evidence.runs, "run")}: ${seen}`]),
      ...evidence.hit_rates.map(hitRateText),
      ...(cost === undefined ? [] : [cost]),
    ],
    tokens: tokens === null ? null : { runs: tokens.runs, input: tokens.input, output: tokens.output },
    cost: costOf(evidence),
  };
}

/** `3 runs`, `1 run`. */
export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
