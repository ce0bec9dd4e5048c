import { framedFacts } from "../../../messages/framed-facts.ts";
import { askToOptimize, factsToOptimize } from "../../../messages/optimize.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";

export const optimize = defineCommand({
  name: "optimize",
  group: "advise",
  summary: "Print the prompt that turns what is known into advice, for any client",
  details: [
    `The text of the MCP prompt optimize: the facts about one agent, or about those that fail most, and what to make of them. Give it to
a client that has this project's server; what it finds comes back as recommendations.`,
  ],
  flags: {},
  positionals: { agent: { description: "About whom, e.g. code-reviewer; those that fail most where it is left out" } },
  examples: [
    ["kaizen-metrics optimize | claude -p", "Let Claude Code look for what should change"],
    ["kaizen-metrics optimize code-reviewer | codex exec -", "The same with Codex, about one agent"],
  ],
  async run({ positionals: { agent } }, context) {
    const kaizen = await context.kaizen();
    if (agent !== undefined) await expectKnownAgent(kaizen, agent);
    const facts = framedFacts(kaizen, await factsToOptimize(kaizen, agent));
    const prompt = `${facts}\n\n${askToOptimize(agent)}\n`;
    return { value: { agent: agent ?? null, prompt }, text: () => prompt };
  },
});
