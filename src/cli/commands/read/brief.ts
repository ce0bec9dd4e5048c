import { briefDetailSchema } from "../../../domain/coaching/brief-input.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { checkedField } from "../../input/field-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";

const self = { name: "brief" };
const details = briefDetailSchema.options.join("|");

export const brief = defineCommand({
  ...self,
  group: "read",
  summary: "What an agent should know before its next run, as markdown",
  details: [
    `Facts and no commands: how the runs went, what has changed, failures that came more than once with what they did
since, and advice with how it stands. In full also quality, time, what checks found, and what transcripts show.`,
  ],
  flags: { detail: { type: "string", value: details, description: "short takes about 200 tokens (default short)" } },
  positionals: { agent: { required: true, description: "For whom, e.g. code-reviewer" } },
  examples: [
    ["kaizen-metrics brief code-reviewer", "Put this before the agent's task"],
    ["kaizen-metrics brief code-reviewer --detail full > brief.md", "Everything, for a person"],
  ],
  async run({ flags, positionals: { agent } }, context) {
    checkedField(briefDetailSchema.optional(), "detail", flags.detail, self);
    const detail = briefDetailSchema.parse(flags.detail ?? "short");
    const kaizen = await context.kaizen();
    // An optimizer may have advised an agent before its first run.
    const advised = await kaizen.readableRecommendations(agent);
    if (advised === undefined || advised.length === 0) await expectKnownAgent(kaizen, agent);
    const markdown = await kaizen.brief(agent, detail);
    return { value: { agent, detail, markdown }, text: () => markdown };
  },
});
