import * as z from "zod";
import { coverageEvidence, coverageSchema } from "../../domain/coverage/coverage.ts";
import {
  costText,
  type EvidenceFigures,
  evidenceFiguresSchema,
  seenCounts,
} from "../../domain/evidence/evidence-figures.ts";
import { statsSchema } from "../../domain/figures/stats.ts";
import { successRateOf } from "../../domain/figures/success-rate.ts";
import { type ExecutionFilter, instantArgument } from "../../domain/run/filter.ts";
import type { AgentSummary, Kaizen } from "../../kaizen/kaizen.ts";
import { compareWithRest } from "../../kaizen/queries/comparison.ts";
import { emptinessNote } from "../../messages/absence.ts";
import { counted, succeededRuns, verifiedRates } from "../../messages/figures.ts";
import { named } from "../../messages/names.ts";
import { defineTool, readingHints } from "../frame/define-tool.ts";
import { remarks, shownStats, shownTimestamp } from "../shown/shown-stats.ts";

const trendSchema = z.enum(["up", "down", "stable", "unknown"]);

export const getSummary = defineTool({
  name: "get_summary",
  title: "Get a summary",
  description: "How an agent's runs went, or those filters pick: verdicts, failures, evidence.",
  found: { by: "metrics statistics" },
  input: z.strictObject({
    agent: z.string().describe('e.g. "code-reviewer"'),
    since: z.string().optional().describe("From then on, e.g. 2026-11-01"),
    until: z.string().optional().describe("Before then, e.g. 2026-11-08"),
    task: z.string().optional().describe('Kind of work, e.g. "review"'),
    model: z.string().optional().describe('e.g. "claude-opus-4"'),
    version: z.string().optional().describe('e.g. "3"'),
  }),
  output: z.object({
    agent: z.string(),
    execution_count: z.int(),
    success_rate: z.number(),
    avg_quality_score: z.number(),
    avg_execution_time_s: z.number(),
    last_execution: z.string().nullable(),
    trend: z.object({ success_rate: trendSchema, quality_score: trendSchema }),
    stats: statsSchema,
    coverage: coverageSchema.optional(),
    evidence: evidenceFiguresSchema.optional(),
    note: z.string().optional(),
  }),
  hints: readingHints,
  async run(kaizen, { agent, since, until, ...fields }) {
    const filter = { ...fields, sinceAt: instantArgument("since", since), untilAt: instantArgument("until", until) };
    const found = await kaizen.summary(agent, filter);
    const note =
      found.summary.execution_count > 0
        ? [...remarks(found), ...(await comparisonNote(kaizen, found, filter))].join(" ")
        : await emptinessNote(kaizen, agent);
    return {
      ...found.summary,
      last_execution: shownTimestamp(found.summary.last_execution),
      stats: shownStats(found.stats),
      ...(found.coverage === undefined ? {} : { coverage: found.coverage }),
      ...(found.evidence === undefined ? {} : { evidence: found.evidence }),
      ...(note === "" ? {} : { note }),
    };
  },
  sentence({ agent, coverage, evidence: seen, execution_count, note, stats }) {
    if (execution_count === 0) return note ?? "";
    const { evidence } = stats.success;
    const verified = verifiedRates(stats.verified);
    return [
      `${named(agent)}: ${succeededRuns(successRateOf(stats))}; ${evidence}.`,
      ...(verified === undefined ? [] : [`${verified}.`]),
      ...(coverage === undefined ? [] : [`Coverage: ${coverageEvidence(coverage)}.`]),
      ...(seen === undefined ? [] : [evidenceSentence(seen)]),
      ...(note === undefined ? [] : [note]),
    ].join(" ");
  },
});

/** What transcripts show: never a verification. */
function evidenceSentence(evidence: EvidenceFigures): string {
  const cost = costText(evidence);
  const parts = [seenCounts(evidence) ?? "nothing of tests", ...(cost === undefined ? [] : [`cost ${cost}`])];
  return `Seen: ${parts.join("; ")}, of ${counted(evidence.runs, "run")} with evidence.`;
}

/** How the runs that were picked compare with the others; no side is called better without evidence. */
async function comparisonNote(kaizen: Kaizen, found: AgentSummary, filter: ExecutionFilter): Promise<string[]> {
  const comparison = await compareWithRest(kaizen, found, filter);
  if (comparison === undefined) return [];
  return [`Compared: ${comparison.evidence}.`, ...(comparison.warning === null ? [] : [comparison.warning])];
}
