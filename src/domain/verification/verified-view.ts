import { type Counts, rateOf } from "../statistics/statistics.ts";
import {
  contradictionIn,
  decisiveVerifier,
  outcomeOf,
  type ReportedVerification,
  type Verification,
  type VerifiedRun,
  type Verifier,
  verifiedOutcome,
  verifiers,
} from "./verification.ts";

/** Of how many runs each verifier has said something that counts in no figure. */
type UnprovenCounts = Readonly<Record<Verifier, number>>;

/** The checked runs among those in question. */
export interface VerifiedView {
  /** How many were checked, and how many of those did succeed. */
  readonly verified: Counts;
  /** How many of the same runs claimed success. */
  readonly claimedSuccesses: number;
  /** On how many of them verifiers contradict each other. */
  readonly contradictions: number;
  readonly unproven: UnprovenCounts;
  /** The outcomes by execution id. Has to hold those among the last 200 live runs; may hold more. */
  readonly outcomes: ReadonlyMap<string, boolean>;
}

export const nothingVerified: VerifiedView = {
  verified: { runs: 0, successes: 0 },
  claimedSuccesses: 0,
  contradictions: 0,
  unproven: noneUnproven(),
  outcomes: new Map(),
};

export function noneUnproven(): Record<Verifier, number> {
  return { human: 0, ci: 0, tests: 0, agent: 0 };
}

/** Sums up those runs that `isMeant` picks: the live ones, or those of a filter. */
export function viewVerified(runs: Iterable<VerifiedRun>, isMeant: (run: VerifiedRun) => boolean): VerifiedView {
  const said = [...runs].filter(isMeant);
  const meant = said.filter((run) => decisiveVerifier(run) !== undefined);
  const unproven = noneUnproven();
  for (const run of said) countUnproven(unproven, run, 1);
  return {
    verified: { runs: meant.length, successes: meant.filter(outcomeOf).length },
    claimedSuccesses: meant.filter((run) => run.claimed).length,
    contradictions: meant.filter((run) => contradictionIn(run) !== undefined).length,
    unproven,
    outcomes: new Map(meant.map((run) => [run.executionId, outcomeOf(run)])),
  };
}

/** Counts what was said of a run and does not count, in or out, in place. */
export function countUnproven(counts: Record<Verifier, number>, { unproven = {} }: VerifiedRun, sign: 1 | -1): void {
  for (const verifier of verifiers) if (unproven[verifier] !== undefined) counts[verifier] += sign;
}

/**
 * What a client that reports a verification gets back. Rates are fractions of 1, over the agent's live runs that were
 * checked.
 */
export interface VerificationReceipt {
  readonly agent: string;
  readonly execution_id: string;
  /** What the run said of itself. */
  readonly claimed: boolean;
  /** What the verification found that counts now; `null` if none does. */
  readonly verified: boolean | null;
  readonly verified_by: Verifier;
  /** By which door the word came, if that is known. */
  readonly via?: NonNullable<Verification["via"]>;
  /** The word counts in no figure, since nothing proves who said it. */
  readonly unproven?: true;
  /** It took back what the verifier had said. */
  readonly withdrawn?: true;
  /** A sentence where verifiers contradict each other, saying whose word counts. */
  readonly contradiction: string | null;
  readonly verified_runs: number;
  readonly verified_rate: number | null;
  readonly claimed_rate: number | null;
}

export function verificationReceipt(
  verification: Pick<ReportedVerification, "agent" | "verified_by"> &
    Pick<Verification, "via" | "unproven" | "withdrawn">,
  run: VerifiedRun,
  { verified, claimedSuccesses }: VerifiedView,
): VerificationReceipt {
  return {
    agent: verification.agent,
    execution_id: run.executionId,
    claimed: run.claimed,
    verified: verifiedOutcome(run) ?? null,
    verified_by: verification.verified_by,
    ...(verification.via === undefined ? {} : { via: verification.via }),
    ...(verification.unproven ? { unproven: true } : {}),
    ...(verification.withdrawn ? { withdrawn: true } : {}),
    contradiction: contradictionIn(run) ?? null,
    verified_runs: verified.runs,
    verified_rate: rateOf(verified) ?? null,
    claimed_rate: rateOf({ runs: verified.runs, successes: claimedSuccesses }) ?? null,
  };
}
