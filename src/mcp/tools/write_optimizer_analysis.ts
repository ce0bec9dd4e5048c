import * as z from "zod";
import { analysisSchema } from "../../domain/coaching/analysis.ts";
import { defineTool } from "../frame/define-tool.ts";

export const writeOptimizerAnalysis = defineTool({
  name: "write_optimizer_analysis",
  title: "Write an analysis",
  description: "Stores an optimizer's report in place of the last, and adds recommendations.",
  found: { by: "optimize advice" },
  input: analysisSchema,
  output: z.object({
    path: z.string(),
    recommendation_ids: z.array(z.string()),
  }),
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  run: (kaizen, analysis) => kaizen.writeAnalysis(analysis),
  sentence: ({ path, recommendation_ids: ids }) =>
    `Wrote ${path} and ${ids.length} ${ids.length === 1 ? "recommendation" : "recommendations"}.`,
});
