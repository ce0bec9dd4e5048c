import { outcomesOf } from "../../kaizen/figures/agent-summary.ts";
import type { AgentSummary } from "../../kaizen/kaizen.ts";
import { decimal, percent } from "../../messages/figures.ts";
import { outcomeLine, paintOutcomes } from "../terminal/sparkline.ts";
import type { Style } from "../terminal/style.ts";
import { type Cell, type Column, table } from "../terminal/table.ts";
import { verdictPaint } from "./verdict.ts";

const LINE_RUNS = 20;

/** What is claimed, seen and verified is kept side by side for as long as there is room. */
const columns: readonly Column[] = [
  // What is left of 40 columns beside a million runs and the longest verdict.
  { title: "agent", flexible: true, least: 8 },
  { title: "runs", align: "right" },
  { title: "success", align: "right" },
  { title: "95% interval", align: "right", dispensable: 9 },
  { title: "verified", align: "right", dispensable: 2 },
  { title: "seen green", align: "right", dispensable: 3 },
  { title: "reported", align: "right", dispensable: 8 },
  { title: "quality", align: "right", dispensable: 7 },
  { title: "time", align: "right", dispensable: 6 },
  { title: "cost", align: "right", dispensable: 4 },
  { title: "verdict" },
  { title: "last run", dispensable: 5 },
  { title: "the last runs", dispensable: 1 },
];

/** Several agents, one a line, with the outcomes that count: a verification's where there was one, else the agent's claim. */
export function agentsTable(agents: readonly AgentSummary[], style: Style): string {
  const rows = agents.map((agent) => agentRow(agent, style));
  const isAnyVerified = agents.some(({ stats }) => stats.verified.runs > 0);
  const rate = isAnyVerified
    ? "checked result where there is one, otherwise the agent's own report"
    : "the agent's own report; no run was checked";
  return `${table(columns, rows, style)}\n${style.dim(`success: ${rate}`)}\n`;
}

function agentRow({ coverage, evidence, overview, stats, summary }: AgentSummary, style: Style): Cell[] {
  const { execution_time_s: time, quality, success, verified } = stats;
  const outcomes = outcomesOf(overview).slice(-LINE_RUNS);
  return [
    summary.agent,
    String(summary.execution_count),
    percent(success.rate),
    success.rate === null ? "" : success.interval.map(percent).join(" to "),
    verified.runs === 0 ? "" : `${percent(verified.rate)} of ${verified.runs}`,
    seenGreen(evidence),
    coverage === undefined ? "" : `${coverage.reported} of ${coverage.started}`,
    quality.reported === 0 ? "" : decimal(summary.avg_quality_score, 2),
    time.reported === 0 ? seenTime(evidence) : `${decimal(summary.avg_execution_time_s, 1)} s`,
    seenCost(evidence),
    // Without a run there is nothing to judge, and nothing to wait for either.
    summary.execution_count === 0
      ? ""
      : { text: success.verdict.replaceAll("_", " "), paint: verdictPaint(success.verdict, style) },
    style.when(summary.last_execution),
    {
      text: outcomeLine(outcomes.map((run) => run.success)),
      paint: (text) => paintOutcomes(text, style),
    },
  ];
}

type Evidence = AgentSummary["evidence"];

/** Of how many runs that edited: an agent that edits nothing, such as a reviewer, has nothing to test. */
function seenGreen(evidence: Evidence): string {
  const { no_edit: _, ...seen } = evidence?.seen ?? {};
  const green = (seen.green ?? 0) + (seen.green_after ?? 0);
  const all = Object.values(seen).reduce((sum, count) => sum + count, 0);
  return all === 0 ? "" : `${green} of ${all}`;
}

/** By transcripts, if no report says a time. */
function seenTime(evidence: Evidence): string {
  return evidence?.time_s ? `${decimal(evidence.time_s.mean, 1)} s` : "";
}

function seenCost(evidence: Evidence): string {
  const { per_run = 0, runs = 0 } = evidence?.cost_usd ?? {};
  return runs === 0 ? "" : `$${decimal(per_run, per_run < 1 ? 3 : 2)}`;
}
