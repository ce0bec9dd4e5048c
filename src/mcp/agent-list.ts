import * as z from "zod";
import type { AgentOrder, Kaizen } from "../kaizen.ts";
import { fittingCount } from "./output-size.ts";

/** Every agent with its figures: what the tool `list_agents` and the resource `kaizen://agents` give. */
export const agentListSchema = z.object({
  agents: z.array(
    z.object({
      agent: z.string(),
      execution_count: z.int(),
      success_rate: z.number(),
      avg_quality_score: z.number(),
      quality_reported: z.int(),
      last_execution: z.string().nullable(),
    }),
  ),
  total: z.int(),
});

export type AgentList = z.infer<typeof agentListSchema>;

export async function agentList(kaizen: Kaizen, order?: AgentOrder): Promise<AgentList> {
  const agents = (await kaizen.listAgents(order)).map(({ summary, overview }) => ({
    agent: summary.agent,
    execution_count: summary.execution_count,
    success_rate: summary.success_rate,
    avg_quality_score: summary.avg_quality_score,
    quality_reported: overview.view.tally.quality.count,
    last_execution: summary.last_execution?.slice(0, 64) ?? null,
  }));
  return { agents: agents.slice(0, fittingCount(agents)), total: agents.length };
}
