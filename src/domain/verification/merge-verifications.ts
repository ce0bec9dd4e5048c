import { readInstant } from "../run/time.ts";
import type { Verification } from "./verification.ts";

/** What becomes of a check that was reported to another store. */
export type CheckFate =
  | "new"
  /** It is here already. */
  | "present"
  /** Its verifier has looked again since, and what it found then is here: of one verifier the latest counts. */
  | "outdated"
  /** Its run is not here, or has expired. */
  | "unknown_run";

type Found = Pick<Verification, "success" | "verified_by" | "evidence" | "timestamp">;

/** Decides about a check of a run that is here, and has these checks. */
export function fateOfCheck(here: readonly Found[], check: Found): CheckFate {
  const ofVerifier = here.filter(({ verified_by }) => verified_by === check.verified_by);
  const isSame = (known: Found) =>
    known.success === check.success && known.evidence === check.evidence && known.timestamp === check.timestamp;
  if (ofVerifier.some(isSame)) return "present";
  return ofVerifier.some((known) => instantOf(known) >= instantOf(check)) ? "outdated" : "new";
}

function instantOf({ timestamp }: Found): number {
  return readInstant(timestamp) ?? Number.NEGATIVE_INFINITY;
}
