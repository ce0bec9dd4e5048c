import * as z from "zod";
import { jsonObjectSchema } from "../run/execution.ts";

/** One piece of advice for one agent, as an optimizer proposes it. */
const proposedRecommendationSchema = z.strictObject({
  agent: z.string().describe('For whom, e.g. "code-reviewer"'),
  title: z.string().min(1).max(300).describe("One sentence"),
  detail: z.string().max(8000).optional().describe("Why and how"),
  priority: z.int().min(1).max(5).optional().describe("1 (urgent) to 5"),
  safety: z.boolean().optional(),
});

export type ProposedRecommendation = z.infer<typeof proposedRecommendationSchema>;

/** What an optimizer writes: its whole report, and what should change. */
export const analysisSchema = z.strictObject({
  report: jsonObjectSchema.describe("Any JSON object"),
  recommendations: z.array(proposedRecommendationSchema).max(100).optional().describe("Advice; each gets an id"),
});

export type Analysis = z.infer<typeof analysisSchema>;

/** A recommendation's id is `rec_` and 80 random bits in hexadecimal. */
export function recommendationId(randomHex: string): string {
  return `rec_${randomHex.slice(0, 20)}`;
}
