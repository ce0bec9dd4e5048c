import * as z from "zod";
import { coverageSchema } from "../domain/coverage.ts";
import type { AgentOrder, AgentSummary, Kaizen } from "../kaizen.ts";
import { fittingCount } from "./output-size.ts";
import { comparedStats, shownStats, shownTimestamp } from "./shown-stats.ts";

const agentSchema = z.object({
  agent: z.string(),
  execution_count: z.int(),
  success_rate: z.number(),
  avg_quality_score: z.number(),
  quality_reported: z.int(),
  last_execution: z.string().nullable(),
  ...comparedStats,
  contradictions: z.int(),
  damaged_lines: z.number(),
  coverage: coverageSchema.optional(),
});

/** Every agent with its figures: what the tool `list_agents` and the resource `kaizen://agents` give. */
export const agentListSchema = z.object({ agents: z.array(agentSchema), total: z.int() });

export type AgentList = z.infer<typeof agentListSchema>;

export async function agentList(kaizen: Kaizen, order?: AgentOrder): Promise<AgentList> {
  const agents = (await kaizen.listAgents(order)).map(listedAgent);
  return { agents: agents.slice(0, fittingCount(agents)), total: agents.length };
}

function listedAgent({ coverage, summary, stats, contradictions }: AgentSummary): AgentList["agents"][number] {
  return agentSchema.parse({
    ...summary,
    ...shownStats(stats),
    quality_reported: stats.quality.reported,
    last_execution: shownTimestamp(summary.last_execution),
    contradictions,
    ...(coverage === undefined ? {} : { coverage }),
  });
}
