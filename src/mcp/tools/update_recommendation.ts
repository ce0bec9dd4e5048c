import { updateRecommendationSchema } from "../../domain/coaching/recommendation.ts";
import { named } from "../../messages/names.ts";
import { defineTool } from "../frame/define-tool.ts";
import { shownRecommendation, shownRecommendationSchema } from "../shown/measured-recommendation.ts";

export const updateRecommendation = defineTool({
  name: "update_recommendation",
  title: "Update a recommendation",
  description: "Notes what became of advice; runs since an adoption are compared.",
  found: { by: "adopt reject" },
  input: updateRecommendationSchema,
  // Who changes a recommendation has read it; the listing of tools has few bytes to give.
  output: shownRecommendationSchema.omit({ detail: true, priority: true, proposed_at: true }),
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async (kaizen, update) => shownRecommendation(await kaizen.updateRecommendation(update)),
  sentence({ agent, id, since_then, status }) {
    const measured = since_then === undefined ? "" : `; ${since_then.evidence}`;
    return `${id} for ${named(agent)} is ${status}${measured}.`;
  },
});
