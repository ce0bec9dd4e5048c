import * as z from "zod";
import { askToOptimize, factsToOptimize } from "../../messages/optimize.ts";
import { definePrompt } from "./define-prompt.ts";

export const optimize = definePrompt({
  name: "optimize",
  title: "Find what should change",
  description: "What is known of one agent, or of those that fail most, and how to turn it into advice.",
  input: z.strictObject({
    agent: z.string().optional().describe('Name of one agent, e.g. "code-reviewer"; left out: those that fail most'),
  }),
  facts: (kaizen, { agent }) => factsToOptimize(kaizen, agent),
  ask: ({ agent }) => askToOptimize(agent),
});
