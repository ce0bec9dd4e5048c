import * as z from "zod";
import { type Counts, rateOf } from "../statistics/statistics.ts";

/** Who can check a run, from the one whose word weighs most: a person has seen the result, an agent only reviews. */
export const verifierSchema = z.enum(["human", "ci", "tests", "agent"]);

export type Verifier = z.infer<typeof verifierSchema>;

/** What an independent check of a run found, as it is reported. */
export const reportedVerificationSchema = z.strictObject({
  agent: z.string().describe('Who ran, e.g. "code-reviewer"'),
  execution_id: z.string().describe('id from record_execution, e.g. "run_3f9a…"'),
  success: z.boolean().describe("Whether it reached its goal"),
  verified_by: verifierSchema.describe("Who checked"),
  evidence: z.string().max(8000).optional().describe('e.g. "3 of 41 tests fail"'),
});

export type ReportedVerification = z.infer<typeof reportedVerificationSchema>;

/** A verification as it is kept: beside the log, never a change to it. */
export const verificationSchema = z.object({
  ...reportedVerificationSchema.shape,
  /** When the verification was reported. */
  timestamp: z.string(),
  /** What the run said of itself, and its own timestamp: copied, so that rates can be told from the verifications alone. */
  claimed: z.boolean(),
  executed_at: z.string().nullable(),
  /** What counted of the run's earlier verifications: with it a line says all that is known of its run. Left out: nothing did. */
  earlier: z.partialRecord(verifierSchema, z.boolean()).optional(),
});

export type Verification = z.infer<typeof verificationSchema>;

/** What counts of a run's checks: the latest of each verifier. */
export type Checks = Readonly<Partial<Record<Verifier, boolean>>>;

/** A run that was checked, with what counts of its verifications. */
export interface VerifiedRun {
  readonly executionId: string;
  readonly claimed: boolean;
  readonly executedAt: string | null;
  readonly verifications: Checks;
}

/**
 * Adds a verification in the order of the file. A later one by the same verifier takes the place of the earlier one. Where
 * nothing is known of the run yet, the verification itself says what counted before it.
 */
export function addVerification(before: VerifiedRun | undefined, verification: Verification): VerifiedRun {
  return {
    executionId: verification.execution_id,
    claimed: verification.claimed,
    executedAt: verification.executed_at,
    verifications: {
      ...(before?.verifications ?? verification.earlier),
      [verification.verified_by]: verification.success,
    },
  };
}

/** Every checked run by its execution id. */
export function foldVerifications(verifications: Iterable<Verification>): Map<string, VerifiedRun> {
  const runs = new Map<string, VerifiedRun>();
  for (const verification of verifications)
    runs.set(verification.execution_id, addVerification(runs.get(verification.execution_id), verification));
  return runs;
}

/** Whose word counts: that of the verifier that weighs most. */
export function decisiveVerifier(run: VerifiedRun): Verifier | undefined {
  return verifierSchema.options.find((verifier) => run.verifications[verifier] !== undefined);
}

/** What counts as the run's outcome: the decisive verification, or the claim if there is none. */
export function outcomeOf(run: VerifiedRun): boolean {
  const decisive = decisiveVerifier(run);
  return (decisive === undefined ? undefined : run.verifications[decisive]) ?? run.claimed;
}

/** A sentence where verifiers contradict each other, saying whose word counts; `undefined` where they agree. */
export function contradictionIn(run: VerifiedRun): string | undefined {
  const said = verifierSchema.options.filter((verifier) => run.verifications[verifier] !== undefined);
  const sides = [true, false].map((side) => said.filter((verifier) => run.verifications[verifier] === side));
  const [good = [], bad = []] = sides;
  if (good.length === 0 || bad.length === 0) return undefined;
  return `Verifiers contradict each other: success by ${good.join(", ")}; failure by ${bad.join(", ")}. ${said[0]} counts.`;
}

/** The checked runs among those in question. */
export interface VerifiedView {
  /** How many were checked, and how many of those did succeed. */
  readonly verified: Counts;
  /** How many of the same runs claimed success. */
  readonly claimedSuccesses: number;
  /** On how many of them verifiers contradict each other. */
  readonly contradictions: number;
  /** The outcomes by execution id. Has to hold those among the last 200 live runs; may hold more. */
  readonly outcomes: ReadonlyMap<string, boolean>;
}

export const nothingVerified: VerifiedView = {
  verified: { runs: 0, successes: 0 },
  claimedSuccesses: 0,
  contradictions: 0,
  outcomes: new Map(),
};

/** Sums up those checked runs that `isMeant` picks: the live ones, or those of a filter. */
export function viewVerified(runs: Iterable<VerifiedRun>, isMeant: (run: VerifiedRun) => boolean): VerifiedView {
  const meant = [...runs].filter(isMeant);
  return {
    verified: { runs: meant.length, successes: meant.filter(outcomeOf).length },
    claimedSuccesses: meant.filter((run) => run.claimed).length,
    contradictions: meant.filter((run) => contradictionIn(run) !== undefined).length,
    outcomes: new Map(meant.map((run) => [run.executionId, outcomeOf(run)])),
  };
}

/**
 * What a client that reports a verification gets back. Rates are fractions of 1, over the agent's live runs that were
 * checked.
 */
export interface VerificationReceipt {
  readonly agent: string;
  readonly execution_id: string;
  /** What the run said of itself, and the outcome that counts now. */
  readonly claimed: boolean;
  readonly verified: boolean;
  readonly verified_by: Verifier;
  /** A sentence where verifiers contradict each other, saying whose word counts. */
  readonly contradiction: string | null;
  readonly verified_runs: number;
  readonly verified_rate: number | null;
  readonly claimed_rate: number | null;
}

export function verificationReceipt(
  verification: Pick<ReportedVerification, "agent" | "verified_by">,
  run: VerifiedRun,
  { verified, claimedSuccesses }: VerifiedView,
): VerificationReceipt {
  return {
    agent: verification.agent,
    execution_id: run.executionId,
    claimed: run.claimed,
    verified: outcomeOf(run),
    verified_by: verification.verified_by,
    contradiction: contradictionIn(run) ?? null,
    verified_runs: verified.runs,
    verified_rate: rateOf(verified) ?? null,
    claimed_rate: rateOf({ runs: verified.runs, successes: claimedSuccesses }) ?? null,
  };
}
