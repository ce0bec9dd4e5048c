import * as z from "zod";
import { succeededRuns } from "../../messages/figures.ts";
import { named } from "../../messages/names.ts";
import { defineTool, readingHints } from "../frame/define-tool.ts";
import { type AgentList, agentList, agentListSchema, unreadIn } from "../shown/agent-list.ts";

export const listAgents = defineTool({
  name: "list_agents",
  title: "List agents",
  description: "Every agent with its rates and verdict. Sort by success_rate to see who fails most.",
  found: { by: "metrics overview worst" },
  input: z.strictObject({
    sort: z
      .enum(["name", "success_rate", "last_execution"])
      .optional()
      .describe("success_rate: lowest first; default name"),
  }),
  output: agentListSchema,
  hints: readingHints,
  run: (kaizen, { sort }) => agentList(kaizen, sort),
  sentence(list) {
    const unread = unreadIn(list);
    if (unread === undefined) return listed(list);
    return list.total === 0 ? unread : `${listed(list)} ${unread}`;
  },
});

function listed({ agents, total }: AgentList): string {
  const first = agents[0];
  if (first === undefined) return "No agent has recorded a run in this project yet.";
  const cut = agents.length < total ? `, of which the first ${agents.length} are shown` : "";
  const count = `${total} ${total === 1 ? "agent" : "agents"}${cut}`;
  if (first.execution_count === 0) return `${count}; first ${named(first.agent)} without runs on record.`;
  const rate = { runs: first.execution_count, rate: first.success.rate, verified: first.verified.runs };
  const head = `${named(first.agent)} with ${succeededRuns(rate)}`;
  return `${count}; first ${head}; ${first.success.evidence}.`;
}
