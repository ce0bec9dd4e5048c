import * as z from "zod";
import { type ExecutionFilter, instantArgument, isEmptyFilter } from "../../domain/filter.ts";
import type { AgentSummary, Kaizen } from "../../kaizen.ts";
import { absentAgentNote } from "../absent-agent.ts";
import { defineTool, readingHints } from "../define-tool.ts";
import { runs } from "../wording.ts";

const trendSchema = z.enum(["up", "down", "stable", "unknown"]);

export const getSummary = defineTool({
  name: "get_summary",
  title: "Get an agent's summary",
  description:
    "How an agent's runs went: count, success rate, average quality and time, trend of the last 5 runs against the 5 before. Of all runs, or of those that the filters pick.",
  input: z.strictObject({
    agent: z.string().describe('e.g. "code-reviewer"'),
    since: z.string().optional().describe("From this ISO 8601 instant on, e.g. 2026-11-01"),
    until: z.string().optional().describe("Before this instant"),
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
    stats: z.object({
      quality_reported: z.int(),
      execution_time_reported: z.int(),
      damaged_lines: z.int(),
      note: z.string().optional(),
    }),
  }),
  hints: readingHints,
  async run(kaizen, { agent, since, until, ...fields }) {
    const filter = { ...fields, sinceAt: instantArgument("since", since), untilAt: instantArgument("until", until) };
    const found = await kaizen.summary(agent, filter);
    const { tally } = found.overview.view;
    const note = tally.runs > 0 ? undefined : await emptinessNote(kaizen, found, filter);
    return {
      ...found.summary,
      last_execution: found.summary.last_execution?.slice(0, 64) ?? null,
      stats: {
        quality_reported: tally.quality.count,
        execution_time_reported: tally.time.count,
        damaged_lines: found.overview.damagedLines,
        ...(note === undefined ? {} : { note }),
      },
    };
  },
  sentence: ({ agent, execution_count, stats, success_rate, trend }) =>
    stats.note ?? `${agent}: ${runs(execution_count, success_rate)} (trend ${trend.success_rate}).`,
});

/** Nothing may mean a name that nobody uses, or a filter that no run passes. */
async function emptinessNote(kaizen: Kaizen, found: AgentSummary, filter: ExecutionFilter): Promise<string> {
  const { agent } = found.summary;
  const all = isEmptyFilter(filter) ? 0 : (await kaizen.summary(agent)).summary.execution_count;
  return all === 0 ? absentAgentNote(kaizen, agent) : `None of the ${all} runs of ${agent} passes these filters.`;
}
