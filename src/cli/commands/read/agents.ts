import * as z from "zod";
import { type AgentOrder, agentOrders } from "../../../kaizen/figures/agent-summary.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { checkedField } from "../../input/field-flags.ts";
import { listText, unreadPart, unreadSaid } from "../../reports/agent-list.ts";
import { agentFigures } from "../../reports/figures.ts";
import { nothingHere } from "../../reports/nothing-here.ts";
import { moveAgent } from "./agents-move.ts";

const self = { name: "agents" };
const orders = Object.keys(agentOrders).filter((name): name is AgentOrder => name in agentOrders);
const orderSchema = z.enum(orders);

export const agents = defineCommand({
  ...self,
  group: "read",
  summary: "Every agent with its figures; rename, merge or remove one",
  usage: `agents [--sort ${orders.join("|")}]
       kaizen-metrics agents rename OLD NEW [--dry-run]
       kaizen-metrics agents merge FROM INTO [--dry-run] [--yes]
       kaizen-metrics agents remove NAME [--dry-run] [--yes]`,
  details: [
    "With --json: the same figures under the same names as the MCP tool list_agents has.",
    `rename, merge and remove take everything along: runs, checks, what hooks and transcripts said, voided runs and advice.
What a crash breaks off is finished by the next of them, or by kaizen-metrics doctor --repair. No tool does this.`,
  ],
  flags: {
    sort: {
      type: "string",
      value: "ORDER",
      choices: orders,
      description:
        "worst (default: those that decline, then the lowest success), name, success_rate or last_execution; with --json the default is name",
    },
    yes: { type: "boolean", description: "Agree to merge or remove without being asked" },
    "dry-run": { type: "boolean", description: "Say what would be moved or removed, and change nothing" },
  },
  positionals: {
    action: { description: "rename, merge or remove; left out to list the agents" },
    from: { description: "Which agent" },
    into: { description: "Its new name, or the agent that gets its runs" },
  },
  examples: [
    ["kaizen-metrics agents --sort success_rate", "Who fails most"],
    [
      `kaizen-metrics agents --json | jq -r '.agents[] | select(.success.verdict == "declining") | .agent'`,
      "Who declines",
    ],
    ["kaizen-metrics agents rename test_writer test-writer", "A name that was a typo"],
  ],
  async run({ flags, positionals: { action, from, into } }, context) {
    const [yes, dryRun] = [flags.yes === true, flags["dry-run"] === true];
    if (action !== undefined) return moveAgent({ action, from, into, yes, dryRun }, context);
    if (yes || dryRun) throw usageError("--yes and --dry-run go with rename, merge and remove.", self);
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
