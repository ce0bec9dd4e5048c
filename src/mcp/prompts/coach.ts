import * as z from "zod";
import { agentFacts, markedName } from "../../messages/agent-facts.ts";
import { definePrompt } from "./define-prompt.ts";

export const coach = definePrompt({
  name: "coach",
  title: "Coach an agent",
  description: "An agent's full brief, and what to make of it before its next run.",
  input: z.strictObject({ agent: z.string().describe('Name of the agent, e.g. "code-reviewer"') }),
  facts: (kaizen, { agent }) => agentFacts(kaizen, agent, "full"),
  ask: ({ agent }) => `${markedName(agent)} is about to start its next run. From the data above:

1. Say in at most three sentences what matters for this run, each with its figures. Where the data says that it is too early to tell, or that nothing was verified, say that instead.
2. Name at most two things to do differently, each tied to a failure that recurs or to open advice. If the data bears out none, say so.
3. If a piece of advice is taken up, note it: update_recommendation with its id and status "adopted". Only then can the runs since be compared with those before.`,
});
