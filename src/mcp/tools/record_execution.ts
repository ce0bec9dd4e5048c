import * as z from "zod";
import { reportedExecutionSchema } from "../../domain/run/report.ts";
import { claimedRuns } from "../../messages/figures.ts";
import { named } from "../../messages/names.ts";
import { defineTool } from "../frame/define-tool.ts";

export const recordExecution = defineTool({
  name: "record_execution",
  title: "Record a run",
  // All that a subagent, and a client that shows no instructions, ever reads of how to report.
  description:
    "Records one finished run, failed ones too: once, at the end of your task. Report what was measured and leave out the rest. agent is your role's stable name, such as your subagent type.",
  found: "always",
  input: reportedExecutionSchema,
  output: z.object({
    id: z.string().nullable(),
    agent: z.string(),
    recorded: z.boolean(),
    duplicate: z.boolean(),
    timestamp: z.string().nullable(),
    execution_count: z.int(),
    success_rate: z.number(),
    note: z.string().optional(),
  }),
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async run(kaizen, report, nulls) {
    await kaizen.twins.expectNoneOrInsisted(report, "If it is another agent, send the same call again.");
    const receipt = await kaizen.record(report);
    const unsaid = nulls.filter((name) => numbers.has(name));
    return unsaid.length === 0 ? receipt : { ...receipt, note: notReported(unsaid) };
  },
  sentence: ({ agent, duplicate, execution_count, id, note, success_rate }) => {
    const which = id === null ? "the run" : id;
    const what = duplicate ? `Nothing added: ${which} was recorded under this key before.` : `Recorded ${which}.`;
    const sentence = `${what} ${named(agent)} has ${claimedRuns(execution_count, success_rate)}.`;
    return note === undefined ? sentence : `${sentence} ${note}`;
  },
});

/** The arguments whose absence shows in the figures. */
const numbers = new Set(["quality_score", "execution_time_s", "input_tokens", "output_tokens", "cost_usd"]);

/** Frameworks fill in `null` for what a model did not say; a model that meant a figure by it hears that none came. */
function notReported(names: readonly string[]): string {
  return `${names.join(", ")}: null counts as not reported. Send a number, or leave it out.`;
}
