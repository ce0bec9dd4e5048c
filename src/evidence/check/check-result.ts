import * as z from "zod";
import { seenTestsSchema } from "../../domain/evidence/evidence.ts";

/** What a check printed of its tests. */
const checkTestsSchema = seenTestsSchema.pick({ runner: true, passed: true, failed: true });

export type CheckTests = z.infer<typeof checkTestsSchema>;

export const checkResultSchema = z.object({
  /** `not_started`: the shell did not find the command, or may not run it (exit status 126 or 127). */
  outcome: z.enum(["passed", "failed", "timeout", "not_started"]),
  /** `null` if a signal ended it, or it was ended at its limit. */
  exit: z.int().nullable(),
  /** Whether it could reach the network. */
  network: z.enum(["off", "on"]),
  tests: checkTestsSchema.optional(),
});

export type CheckResult = z.infer<typeof checkResultSchema>;
