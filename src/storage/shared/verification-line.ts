import type { Execution } from "../../domain/run/execution.ts";
import type { Said, Verification } from "../../domain/verification/verification.ts";
import type { NewVerification } from "../store.ts";

/** A verification as it is kept: with what its run said of itself, and what was said of the run before. */
export function verificationLine(
  agent: string,
  { origin: _, ...verification }: NewVerification,
  { success: claimed, timestamp: executed_at }: Execution,
  before: Said | undefined,
): Verification {
  const { unproven, verifications: earlier = {} } = before ?? {};
  return {
    ...verification,
    agent,
    claimed,
    executed_at,
    ...(Object.keys(earlier).length === 0 ? {} : { earlier }),
    ...(unproven === undefined ? {} : { earlier_unproven: unproven }),
  };
}
