import type * as z from "zod";
import { type Stats, statsSchema } from "../../domain/figures/stats.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../../kaizen/kaizen.ts";
import { claimedSentence } from "../../messages/verification.ts";

/** Kinds of failure in one answer, the worst first. There may be two hundred, each with an example. */
const SHOWN_FAILURES = 20;

/** A timestamp as it was recorded: other writers may have put any text there. */
export function shownTimestamp(timestamp: string | null): string | null {
  return timestamp === null ? null : plainLine(timestamp, 64);
}

/** The stats in the bounds of an answer. */
export function shownStats(stats: Stats): Stats {
  const { execution_time_s, quality, success } = stats;
  return {
    ...stats,
    success: { ...success, declining_since: shownTimestamp(success.declining_since) },
    quality: { ...quality, declining_since: shownTimestamp(quality.declining_since) },
    execution_time_s: { ...execution_time_s, declining_since: shownTimestamp(execution_time_s.declining_since) },
    failures: stats.failures.slice(0, SHOWN_FAILURES),
  };
}

/** What the stats have no name for: that there is more than is shown, and that verifiers do not agree. */
export function remarks({ contradictions, stats }: AgentSummary): string[] {
  const found: string[] = [];
  if (contradictions > 0) {
    found.push(`Verifiers contradict each other on ${contradictions} ${contradictions === 1 ? "run" : "runs"}.`);
  }
  for (const [verifier, count] of Object.entries(stats.verified.claimed_by ?? {})) {
    found.push(`${claimedSentence(verifier, count)}.`);
  }
  const hidden = stats.failures.length - SHOWN_FAILURES;
  if (hidden > 0) found.push(`${hidden} further ${hidden === 1 ? "kind" : "kinds"} of failure not shown.`);
  return found;
}

const { success, verified } = statsSchema.shape;

/** What of an agent's stats tells it from others. The names are those of the stats. */
export const comparedStats = {
  success: success.pick({ rate: true, interval: true, verdict: true, evidence: true, declining_since: true }),
  verified,
} satisfies z.ZodRawShape;
