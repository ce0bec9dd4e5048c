import { readInstant } from "../run/time.ts";
import type { Verification } from "./verification.ts";

/** What becomes of a verification that was reported to another store. */
export type MergeResult =
  | "new"
  /** It is here already. */
  | "present"
  /** Its verifier has looked again since, and what it found then is here: of one verifier the latest counts. */
  | "outdated";

type Found = Pick<Verification, "success" | "verified_by" | "evidence" | "timestamp">;

/** Decides about a verification of a run that is here, and has these checks. */
export function mergeResultOf(here: readonly Found[], verification: Found): MergeResult {
  const ofVerifier = here.filter(({ verified_by }) => verified_by === verification.verified_by);
  const isSame = (known: Found) =>
    known.success === verification.success &&
    known.evidence === verification.evidence &&
    known.timestamp === verification.timestamp;
  if (ofVerifier.some(isSame)) return "present";
  return ofVerifier.some((known) => instantOf(known) >= instantOf(verification)) ? "outdated" : "new";
}

function instantOf({ timestamp }: Found): number {
  return readInstant(timestamp) ?? Number.NEGATIVE_INFINITY;
}
