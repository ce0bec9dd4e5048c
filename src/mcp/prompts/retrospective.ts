import * as z from "zod";
import { recordedText } from "../../domain/text/plain-text.ts";
import { agentFacts, markedName } from "../../messages/agent-facts.ts";
import { definePrompt } from "./define-prompt.ts";

export const retrospective = definePrompt({
  name: "retrospective",
  title: "Report a finished run",
  description: "How to report the run that has just ended, beside what is known of the earlier ones.",
  input: z.strictObject({
    agent: z.string().describe('Name of the agent that ran, e.g. "code-reviewer"'),
    task: z.string().max(200).optional().describe('Kind of work, e.g. "review"'),
  }),
  facts: (kaizen, { agent }) => agentFacts(kaizen, agent, "short"),
  ask({ agent, task }) {
    const kind = task === undefined ? "" : ` of the kind ${recordedText(task, 200)}`;
    return `A run of ${markedName(agent)}${kind} has just ended. Report it:

1. Call record_execution, once. success is true only if the goal was reached. For a failure give error_type and error in the words of the message itself, so that a failure listed above can be recognised. Leave out what was not measured.
2. If tests or another agent have judged the result, call verify_execution with the id from the receipt and what they found, whatever the run claimed.
3. Then say in two sentences how this run compares with the data above, and whether open advice was followed.`;
  },
});
