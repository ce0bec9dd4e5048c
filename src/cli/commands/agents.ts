import * as z from "zod";
import { type AgentOrder, agentOrders } from "../../kaizen/agent-summary.ts";
import { defineCommand } from "../frame/define-command.ts";
import { checkedField } from "../input/field-flags.ts";
import { listText, unreadPart, unreadSaid } from "../reports/agent-list.ts";
import { agentFigures } from "../reports/figures.ts";
import { nothingHere } from "../reports/nothing-here.ts";

const self = { name: "agents" };
const orders = Object.keys(agentOrders).filter((name): name is AgentOrder => name in agentOrders);
const orderSchema = z.enum(orders);

export const agents = defineCommand({
  ...self,
  group: "read",
  summary: "Every agent with its figures",
  details: ["With --json: the same figures under the same names as the MCP tool list_agents has."],
  flags: {
    sort: {
      type: "string",
      value: "ORDER",
      choices: orders,
      description:
        "worst (default: those that decline, then the lowest success), name, success_rate or last_execution; with --json the default is name",
    },
  },
  positionals: {},
  examples: [
    ["kaizen-metrics agents --sort success_rate", "Who fails most"],
    [
      `kaizen-metrics agents --json | jq -r '.agents[] | select(.success.verdict == "declining") | .agent'`,
      "Who declines",
    ],
  ],
  async run({ flags }, context) {
    checkedField(orderSchema.optional(), "sort", flags.sort, self);
    // Programs know the order by name, and sort for themselves.
    const order = orderSchema.optional().parse(flags.sort) ?? (context.json ? "name" : "worst");
    const { agents: found, unread } = await (await context.kaizen()).readAgents({ order });
    return {
      value: { agents: found.map(agentFigures), total: found.length, ...unreadPart(unread) },
      text: (style) => listText(found, unread, nothingHere, style),
      ...unreadSaid(unread),
    };
  },
});
