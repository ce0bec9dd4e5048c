import { coverageEvidence } from "../coverage/coverage.ts";
import { costText, hitRateText, seenCounts } from "../evidence/evidence-figures.ts";
import { performanceSummary } from "../figures/performance-summary.ts";
import { outcomeKind, rateText, successRateOf } from "../figures/success-rate.ts";
import type { Summary } from "../figures/summary.ts";
import { formatInstant } from "../run/time.ts";
import { formatHalfEven } from "../statistics/rounding.ts";
import type { Verdict } from "../statistics/verdict.ts";
import { recordedText } from "../text/plain-text.ts";
import type { BriefInput, MeasuredRecommendation } from "./brief-input.ts";
import { adviceSection, type BriefText, capitalised, failureSection, openLabel, section, when } from "./brief-parts.ts";

const LIMITS = { failures: 10, adopted: 10, rates: 10, text: 200 };

/** Everything that is known of an agent. The performance summary of ADR-004 at its head knows what agents claimed only. */
export function fullBrief(input: BriefInput): BriefText {
  const { summary, stats } = input;
  const hasRuns = summary.execution_count > 0;
  return {
    head: hasRuns
      ? performanceSummary(summary, stats.quality.reported > 0) + claimsNote(input)
      : `${recordedText(summary.agent, 64)} has no runs on record yet.\n`,
    sections: [
      section("Figures", hasRuns ? figureLines(input) : []),
      failureSection(stats.failures, LIMITS),
      section("Claimed against verified", [...checkLines(input), ...seenLines(input)]),
      adviceSection(input, LIMITS.adopted, adviceLine),
    ],
  };
}

/** The summary is ADR-004's, to the byte: that its rate is another one than the rate below is said behind it. */
function claimsNote({ stats: { verified } }: BriefInput): string {
  if (verified.runs === 0) return "";
  return "\nThis summary knows only what agents claimed. Below, a check counts in place of the claim.\n";
}

/** What transcripts show: never a verification, and worth what its own hit rate says. */
function seenLines({ evidence }: BriefInput): string[] {
  if (evidence === undefined) return [];
  const seen = seenCounts(evidence);
  const cost = costText(evidence);
  const rates = evidence.hit_rates.slice(0, LIMITS.rates).map(hitRateText);
  const { worth_a_look_total: doubtful } = evidence;
  return [
    ...(seen === undefined ? [] : [`Seen: ${seen}, of ${evidence.runs} with evidence`]),
    ...rates.map(capitalised),
    ...(cost === undefined ? [] : [`Cost: ${cost}`]),
    ...(doubtful === 0 ? [] : [`Claims of success on tests that were red or stale: ${doubtful}`]),
  ];
}

function figureLines({ summary, stats }: BriefInput): string[] {
  const { success, quality, execution_time_s, damaged_lines } = stats;
  const last = summary.last_execution === null ? "" : `, the last ${when(summary.last_execution, formatInstant)}`;
  const rate = `${rateText(success.rate)} (${outcomeKind(successRateOf(stats))})`;
  const interval = success.interval.map(rateText).join(" to ");
  const lines = [`Runs: ${success.runs}${last}`, `Success: ${rate}, 95% interval ${interval}; ${success.evidence}`];
  const arrow = arrowNote(summary, success.verdict);
  if (arrow !== undefined) lines.push(arrow);
  const averages = {
    Quality: formatHalfEven(summary.avg_quality_score, 2),
    Time: `${formatHalfEven(summary.avg_execution_time_s, 1)} s`,
  };
  for (const [name, measure] of [["Quality", quality] as const, ["Time", execution_time_s] as const]) {
    if (measure.reported === 0) continue;
    lines.push(`${name}: ${averages[name]} on average; ${measure.evidence}`);
  }
  if (damaged_lines > 0) lines.push(`Lines of the log that could not be read in full: ${damaged_lines}`);
  return lines;
}

/** The arrow of the performance summary is ADR-004's and often noise; where the verdict does not bear it out, this says why. */
function arrowNote({ trend }: Summary, verdict: Verdict): string | undefined {
  const isBorneOut = trend.success_rate === "up" ? verdict === "improving" : verdict === "declining";
  const hasArrow = trend.success_rate === "up" || trend.success_rate === "down";
  return hasArrow && !isBorneOut ? "The arrow at the top compares only 5 runs with 5" : undefined;
}

/** What verifications found beside the claims. Without any there is nothing to say: each rate names its kind. */
function checkLines({ contradictions, coverage, stats }: BriefInput): string[] {
  const { verified, success, self_score } = stats;
  return [
    ...(verified.gap === null
      ? []
      : [
          `${verified.runs} of ${success.runs} runs verified: ${rateText(verified.rate)} succeeded, ` +
            `${rateText(verified.claimed_rate)} claimed to (gap ${points(verified.gap)} points)`,
        ]),
    ...(contradictions > 0 ? [`Verifiers contradict each other on ${contradictions} of them`] : []),
    ...(self_score === null ? [] : [self_score]),
    ...(coverage === undefined ? [] : [coverageEvidence(coverage)]),
  ];
}

function adviceLine(one: MeasuredRecommendation): string {
  const id = one.id === null ? "" : ` (${one.id})`;
  const text = `${recordedText(one.title, LIMITS.text)}${id}`;
  if (one.status === "proposed") {
    const why = one.detail === undefined ? "" : `; ${recordedText(one.detail, LIMITS.text)}`;
    return `${openLabel(one)}, proposed ${when(one.proposed.timestamp, formatInstant)}: ${text}${why}`;
  }
  const measured = one.sinceThen === undefined ? "" : `; ${one.sinceThen.evidence}`;
  const note = one.note === undefined ? "" : `; note ${recordedText(one.note, LIMITS.text)}`;
  return `Adopted ${when(one.changedAt, formatInstant)}, in force: ${text}${measured}${note}`;
}

function points(difference: number): string {
  return formatHalfEven(difference * 100, 1);
}
