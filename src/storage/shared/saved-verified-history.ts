import type { PlacedRun, VerifiedDay, VerifiedHistory, VerifiedTally } from "../../domain/history/verified-history.ts";
import { type Checks, type Verifier, verifiers } from "../../domain/verification/verification.ts";
import {
  type Check,
  isCount,
  isInteger,
  isNumber,
  isText,
  isTruth,
  listOf,
  nullable,
  objectOf,
  optional,
  pairOf,
} from "./form.ts";

// The form of what verifications found where it is saved.

/** What verifications found as JSON has it. */
export type SavedVerifiedHistory = Omit<VerifiedHistory, "days" | "latest"> & {
  readonly days: readonly (readonly [number, VerifiedDay])[];
  readonly latest: readonly PlacedRun[];
};

const forEach = (isValue: Check) =>
  Object.fromEntries(verifiers.map((verifier) => [verifier, isValue])) as Record<Verifier, Check>;
const isChecks = objectOf<Checks>(forEach(optional(isTruth)));
const ofTally = {
  runs: isCount,
  successes: isCount,
  claimedSuccesses: isCount,
  contradictions: isCount,
  unproven: objectOf<Record<Verifier, number>>(forEach(isCount)),
};
const isDay = objectOf<VerifiedDay>({
  ...ofTally,
  verifications: isCount,
  earliestAt: isNumber,
  latestAt: isNumber,
  firstPlace: isCount,
  lastPlace: isCount,
});
const isPlacedRun = objectOf<PlacedRun>({
  executionId: isText,
  claimed: isTruth,
  executedAt: nullable(isText),
  verifications: isChecks,
  unproven: optional(isChecks),
  at: optional(isNumber),
  place: isCount,
});

/** Whether a value that was saved is what verifications can have found. */
export const isSavedVerifiedHistory = objectOf<SavedVerifiedHistory>({
  total: objectOf<VerifiedTally>(ofTally),
  forgottenPlace: (value) => isInteger(value) && value >= -1,
  days: listOf(pairOf(isInteger, isDay), Number.POSITIVE_INFINITY),
  latest: listOf(isPlacedRun, Number.POSITIVE_INFINITY),
});

export function savedVerifiedHistory(history: VerifiedHistory): SavedVerifiedHistory {
  return { ...history, days: [...history.days], latest: [...history.latest.values()] };
}

export function verifiedHistoryOf(saved: SavedVerifiedHistory): VerifiedHistory {
  const latest = new Map(saved.latest.map((run) => [run.executionId, run]));
  return { ...saved, days: new Map(saved.days), latest };
}
