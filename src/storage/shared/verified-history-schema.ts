import * as z from "zod";
import type { PlacedRun, VerifiedHistory } from "../../domain/history/verified-history.ts";
import { verifierSchema } from "../../domain/verification/verification.ts";

// The form of what verifications found where it is saved.

const count = z.int().min(0);
const tally = z.object({
  runs: count,
  successes: count,
  claimedSuccesses: count,
  contradictions: count,
  unproven: z.record(verifierSchema, count),
});
const day = tally.extend({
  verifications: count,
  earliestAt: z.number(),
  latestAt: z.number(),
  firstPlace: count,
  lastPlace: count,
});

const checks = z.partialRecord(verifierSchema, z.boolean());

const placedRun = z.object({
  executionId: z.string(),
  claimed: z.boolean(),
  executedAt: z.string().nullable(),
  verifications: checks,
  unproven: checks.optional(),
  at: z.number().optional(),
  place: count,
});

export const verifiedHistorySchema = z
  .object({
    total: tally,
    forgottenPlace: z.int().min(-1),
    days: z.array(z.tuple([z.int(), day])),
    latest: z.array(z.custom<PlacedRun>((run) => placedRun.safeParse(run).success)),
  })
  .transform((history) => ({
    ...history,
    days: new Map(history.days),
    latest: new Map(history.latest.map((run) => [run.executionId, run])),
  }));

/** What the schema reads. */
export function savedVerified(history: VerifiedHistory) {
  return { ...history, days: [...history.days], latest: [...history.latest.values()] };
}
