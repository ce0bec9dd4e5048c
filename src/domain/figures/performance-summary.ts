import { formatHalfEven } from "../statistics/rounding.ts";
import { recordedText } from "../text/plain-text.ts";
import type { Summary, Trend } from "./summary.ts";

const arrows: Record<Trend, string> = { up: "↑", down: "↓", stable: "→", unknown: "?" };

/**
 * The ADR-004 performance summary as markdown: empty for an agent without runs. It has the reference's form to the
 * byte, but for one line: if no run has a quality, the reference shows "0.00", which reads as a verdict.
 */
export function performanceSummary(summary: Summary, qualityReported: boolean): string {
  if (summary.execution_count === 0) return "";
  const { trend } = summary;
  const percentage = formatHalfEven(summary.success_rate * 100, 1);
  const quality = `${formatHalfEven(summary.avg_quality_score, 2)} (${arrows[trend.quality_score]} ${trend.quality_score})`;
  const lines = [
    "## Performance Summary",
    "",
    `- Executions: ${summary.execution_count}`,
    `- Success rate: ${percentage}% (${arrows[trend.success_rate]} ${trend.success_rate})`,
    `- Avg quality: ${qualityReported ? quality : "n/a (not reported)"}`,
    `- Avg execution time: ${formatHalfEven(summary.avg_execution_time_s, 1)}s`,
  ];
  if (summary.last_execution !== null) lines.push(`- Last execution: ${plainTimestamp(summary.last_execution)}`);
  return `${lines.join("\n")}\n`;
}

/** Digits with what stands between them in any notation of an instant; letters as in ISO 8601 only, so no words. */
const timestampLike = /^[\dTZW:.,+\- /]{1,64}$/i;

/** As written; but other writers may have put any text there, and that is recorded text like any other. */
function plainTimestamp(timestamp: string): string {
  return timestampLike.test(timestamp) ? timestamp : recordedText(timestamp, 64);
}
