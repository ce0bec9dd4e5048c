import { readInstant } from "../run/time.ts";
import type { Verification } from "./verification.ts";

/** What becomes of a verification that was reported to another store. */
export type MergeResult =
  | "new"
  /** It is here already. */
  | "present"
  /** Its verifier has looked again since, and what it found then is here: of one verifier the latest counts. */
  | "outdated";

type Found = Pick<Verification, "success" | "verified_by" | "evidence" | "timestamp" | "unproven" | "withdrawn">;

/** Decides about a verification of a run that is here, and has these. Proven and unproven ones do not touch each other. */
export function mergeResultOf(here: readonly Found[], verification: Found): MergeResult {
  const ofVerifier = here.filter(
    (known) =>
      known.verified_by === verification.verified_by && isTrue(known.unproven) === isTrue(verification.unproven),
  );
  const isSame = (known: Found) =>
    known.success === verification.success &&
    isTrue(known.withdrawn) === isTrue(verification.withdrawn) &&
    known.evidence === verification.evidence &&
    known.timestamp === verification.timestamp;
  if (ofVerifier.some(isSame)) return "present";
  return ofVerifier.some((known) => isLater(known, verification)) ? "outdated" : "new";
}

/** Of one instant, which has a second, the one that takes back comes after the one that it takes back. */
function isLater(known: Found, verification: Found): boolean {
  const lead = instantOf(known) - instantOf(verification);
  return lead > 0 || (lead === 0 && (isTrue(known.withdrawn) || !isTrue(verification.withdrawn)));
}

function isTrue(value: boolean | undefined): boolean {
  return value === true;
}

function instantOf({ timestamp }: Found): number {
  return readInstant(timestamp) ?? Number.NEGATIVE_INFINITY;
}
