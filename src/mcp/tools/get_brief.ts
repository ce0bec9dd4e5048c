import * as z from "zod";
import { briefDetailSchema } from "../../domain/coaching/brief-input.ts";
import { nearestAgentNote } from "../../messages/absence.ts";
import { defineMarkdownTool, readingHints } from "../frame/define-tool.ts";

export const getBrief = defineMarkdownTool({
  name: "get_brief",
  title: "Get a brief",
  description:
    "Briefs an agent before it starts work: figures, changes, failures that recur, open advice, runs since adoptions.",
  found: { by: "coach context lessons" },
  input: z.strictObject({
    agent: z.string().describe('e.g. "code-reviewer"'),
    detail: briefDetailSchema.default("short").describe("short: about 200 tokens"),
  }),
  hints: readingHints,
  async run(kaizen, { agent, detail }) {
    const brief = await kaizen.brief(agent, detail);
    const note = await nearestAgentNote(kaizen, agent);
    return note === undefined ? [brief] : [brief, note];
  },
});
