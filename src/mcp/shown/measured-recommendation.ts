import * as z from "zod";
import type { MeasuredRecommendation } from "../../domain/coaching/brief-input.ts";
import { recommendationStatusSchema } from "../../domain/coaching/recommendation.ts";
import { sinceThenSchema } from "../../domain/coaching/since-then.ts";
import { plainLine } from "../../domain/text/plain-text.ts";

/** A recommendation as it stands, with what it did: in tools and resources. */
export const shownRecommendationSchema = z.object({
  id: z.string().nullable(),
  agent: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  priority: z.int().optional(),
  status: recommendationStatusSchema,
  proposed_at: z.string(),
  changed_at: z.string(),
  note: z.string().optional(),
  /** Only of an adopted one. */
  since_then: sinceThenSchema.optional(),
});

export type ShownRecommendation = z.infer<typeof shownRecommendationSchema>;

/** As much of a text as is taken from us; other writers set no limit. */
const TEXT_CHARACTERS = 2_000;

export function shownRecommendation(one: MeasuredRecommendation): ShownRecommendation {
  const { agent, changedAt, detail, id, note, priority, proposed, sinceThen, status, title } = one;
  return {
    id,
    agent: plainLine(agent, 255),
    title,
    ...(detail === undefined ? {} : { detail: plainLine(detail, TEXT_CHARACTERS) }),
    ...(priority === undefined ? {} : { priority }),
    status,
    proposed_at: plainLine(proposed.timestamp, 64),
    changed_at: plainLine(changedAt, 64),
    ...(note === undefined ? {} : { note: plainLine(note, TEXT_CHARACTERS) }),
    ...(sinceThen === undefined ? {} : { since_then: sinceThen }),
  };
}
