import { coverageEvidence } from "../../domain/coverage/coverage.ts";
import type { Stats } from "../../domain/figures/stats.ts";
import { outcomeKind, successRateOf } from "../../domain/figures/success-rate.ts";
import { isWindowFull, WINDOW_FAILURES } from "../../domain/history/failures.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { outcomesOf } from "../../kaizen/figures/agent-summary.ts";
import type { AgentSummary } from "../../kaizen/kaizen.ts";
import { counted, decimal, percent } from "../../messages/figures.ts";
import { claimedSentence } from "../../messages/verification.ts";
import { outcomeLine, paintOutcomes, sparkline } from "../terminal/sparkline.ts";
import type { Style } from "../terminal/style.ts";
import { fields, table } from "../terminal/table.ts";
import { evidenceRows } from "./evidence-rows.ts";
import { verdictPaint } from "./verdict.ts";

const LINE_RUNS = 40;
const SHOWN_FAILURES = 10;

/** Everything that is known of one agent, for a person. */
export function summaryText(found: AgentSummary, notes: readonly string[], style: Style): string {
  const { coverage, evidence, overview, stats, summary } = found;
  const { execution_time_s: time, quality, success } = stats;
  const rows: (readonly [name: string, value: string | undefined])[] = [
    ["Runs", `${summary.execution_count}, the last ${style.when(summary.last_execution)}`],
    ["Success", successText(stats)],
    ["", verifiedText(stats.verified)],
    ["", claimedText(stats.verified)],
    ["", verdictText(success, style)],
    ["Quality", measureText(quality, summary.avg_quality_score, 2, "")],
    ["", measureVerdict(quality, style)],
    ["Time", measureText(time, summary.avg_execution_time_s, 1, " s")],
    ["", measureVerdict(time, style)],
    ["Coverage", coverage === undefined ? undefined : coverageEvidence(coverage)],
    ...(evidence === undefined ? [] : evidenceRows(evidence)),
    ["Scores", stats.self_score ?? undefined],
    ...lastRuns(overview, style),
    ["Damaged", damageText(stats, style)],
  ];
  const note = notes.map((text) => `\n${text}\n`).join("");
  return `${style.bold(plainLine(summary.agent, 64))}\n\n${fields(rows, style)}${note}${failuresText(stats, style)}`;
}

/** What is known of an agent without a run on record: what was seen of runs without a report. */
export function evidenceText({ evidence }: AgentSummary, notes: readonly string[], style: Style): string {
  const rows = evidence === undefined ? "" : `\n${fields(evidenceRows(evidence), style)}`;
  return `${notes.join(" ")}\n${rows}`;
}

function lastRuns(overview: AgentSummary["overview"], style: Style): [string, string | undefined][] {
  const runs = outcomesOf(overview).slice(-LINE_RUNS);
  const scores = overview.view.recent.slice(-LINE_RUNS).map((run) => run.quality);
  const line = outcomeLine(runs.map((run) => run.success));
  return [
    [`Last ${runs.length}`, paintOutcomes(line, style)],
    ["their quality", scores.every((score) => score === undefined) ? undefined : sparkline(scores, [0, 1])],
  ];
}

function successText({ success, verified }: Stats): string {
  const kind = outcomeKind(successRateOf({ success, verified }));
  return `${percent(success.rate)} (${kind}), 95% interval ${success.interval.map(percent).join(" to ")}`;
}

function verdictText({ evidence, verdict }: Stats["success"], style: Style): string {
  return verdictPaint(verdict, style)(style.withTimes(evidence));
}

function verifiedText({ claimed_rate, rate, runs }: Stats["verified"]): string | undefined {
  if (runs === 0) return undefined;
  return `${runs} verified: ${percent(rate)} succeeded, ${percent(claimed_rate)} claimed to`;
}

/** What nothing proves; it counts nowhere, and so stands in no rate. */
function claimedText({ claimed_by = {} }: Stats["verified"]): string | undefined {
  const parts = Object.entries(claimed_by).map(([verifier, count]) => claimedSentence(verifier, count));
  return parts.length === 0 ? undefined : parts.join("; ");
}

function measureText(measure: Stats["quality"], mean: number, digits: number, unit: string): string {
  const { median, p90, reported, runs } = measure;
  if (reported === 0) return "not reported";
  const middle = `median ${decimal(median, digits, unit)}, 90% within ${decimal(p90, digits, unit)}`;
  const share = reported === runs ? "" : `; reported by ${reported} of ${runs}`;
  return `${decimal(mean, digits, unit)} on average, ${middle}${share}`;
}

function measureVerdict({ evidence, reported, verdict }: Stats["quality"], style: Style): string | undefined {
  return reported === 0 ? undefined : verdictPaint(verdict, style)(style.withTimes(evidence));
}

function damageText({ damaged_lines }: Stats, style: Style): string | undefined {
  if (damaged_lines === 0) return undefined;
  return style.warning(`${counted(damaged_lines, "line")} could not be read in full; see kaizen-metrics doctor`);
}

function failuresText({ failures }: Stats, style: Style): string {
  if (failures.length === 0) return "";
  const rows = failures
    .slice(0, SHOWN_FAILURES)
    .map(({ back_after, count, example, last_seen }) => [
      String(count),
      style.when(last_seen),
      back_after === null ? "" : counted(back_after, "run"),
      example === "" ? "(nothing was said about it)" : example,
    ]);
  const further = failures.length - rows.length;
  const more = further > 0 ? `${counted(further, "further kind")} of failure; --json has them all\n` : "";
  const columns = [
    { title: "failures", align: "right" },
    { title: "last seen" },
    { title: "back after", dispensable: 1 },
    { title: "for example", flexible: true, below: true },
  ] as const;
  const among = isWindowFull(failures) ? `counted among the last ${WINDOW_FAILURES} failures\n` : "";
  return `\n${table(columns, rows, style)}${more}${among}`;
}
