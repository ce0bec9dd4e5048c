import * as z from "zod";
import { reportedExecutionSchema } from "../../domain/report.ts";
import { claimedRuns } from "../../wording/figures.ts";
import { named } from "../../wording/names.ts";
import { defineTool } from "../define-tool.ts";

export const recordExecution = defineTool({
  name: "record_execution",
  title: "Record a run",
  description: "Records one finished run of an agent; failed ones too. Call it once a run.",
  input: reportedExecutionSchema,
  output: z.object({
    id: z.string().nullable(),
    agent: z.string(),
    recorded: z.boolean(),
    duplicate: z.boolean(),
    timestamp: z.string().nullable(),
    execution_count: z.int(),
    success_rate: z.number(),
  }),
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  run: (kaizen, report) => kaizen.record(report),
  sentence: ({ agent, duplicate, execution_count, id, success_rate }) => {
    const which = id === null ? "the run" : id;
    const what = duplicate ? `Nothing added: ${which} was recorded under this key before.` : `Recorded ${which}.`;
    return `${what} ${named(agent)} has ${claimedRuns(execution_count, success_rate)}.`;
  },
});
