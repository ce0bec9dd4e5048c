import * as z from "zod";
import { matchedByOptions } from "../evidence/commit-match.ts";

/** Who can check a run, from the one whose word weighs most: a person has seen the result, an agent only reviews. */
export const verifiers = ["human", "ci", "tests", "agent"] as const;

export type Verifier = (typeof verifiers)[number];

export const verifierSchema = z.enum(verifiers);

/** What an independent check of a run found, as it is reported. */
export const reportedVerificationSchema = z.strictObject({
  agent: z.string().describe('e.g. "code-reviewer"'),
  execution_id: z.string().describe('id from record_execution, e.g. "run_3f9a…"'),
  success: z.boolean().describe("Whether it succeeded"),
  verified_by: verifierSchema.describe("Who checked"),
  evidence: z.string().max(8000).optional().describe('e.g. "3 tests fail"'),
});

export type ReportedVerification = z.infer<typeof reportedVerificationSchema>;

/** The door by which a verification came. */
const viaSchema = z.enum(["mcp", "cli", "prompt", "check", "ci"]);

/** A verification as it is kept: beside the log, never a change to it. */
export const verificationSchema = z.object({
  ...reportedVerificationSchema.shape,
  /** When the verification was reported. */
  timestamp: z.string(),
  /** Left out by programs that use the package, and by versions before it was known. So counts a door of a later version. */
  via: viaSchema.optional().catch(undefined),
  /** The word came by a door that an agent has as well: it is kept, and counts in no figure. */
  unproven: z.boolean().optional(),
  /** Takes back what the same verifier said before, proven or not as this one is. `success` repeats it. */
  withdrawn: z.boolean().optional(),
  /** How the commit that CI looked at was found to be that of the run. */
  matched: z.enum(matchedByOptions).optional().catch(undefined),
  /** What the run said of itself, and its own timestamp: copied, so that rates can be told from the verifications alone. */
  claimed: z.boolean(),
  executed_at: z.string().nullable(),
  /** What counted of the run's earlier verifications: with it a line says all that is known of its run. Left out: nothing did. */
  earlier: z.partialRecord(verifierSchema, z.boolean()).optional(),
  /** What stood of its earlier unproven ones. */
  earlier_unproven: z.partialRecord(verifierSchema, z.boolean()).optional(),
});

export type Verification = z.infer<typeof verificationSchema>;

/** Whose word it is, what it is worth, and by which door it came. */
export type Standing = Pick<Verification, "via" | "unproven">;

/** What a run's verifiers say: the latest of each. */
export type Checks = Readonly<Partial<Record<Verifier, boolean>>>;

/** What is said of a run: what counts, and what does not since nothing proves who said it. */
export interface Said {
  readonly verifications: Checks;
  /** Left out: nothing. */
  readonly unproven?: Checks;
}

/** A run, and what verifiers have said of it. */
export interface VerifiedRun extends Said {
  readonly executionId: string;
  readonly claimed: boolean;
  readonly executedAt: string | null;
}

/**
 * Adds a verification in the order of the file. A later one by the same verifier takes the place of the earlier one, and
 * one that is withdrawn leaves none; proven and unproven ones do not touch each other. If nothing is known of the run
 * yet, the verification itself says what stood before it.
 */
export function addVerification(before: Said | undefined, verification: Verification): VerifiedRun {
  const { claimed, earlier, earlier_unproven, executed_at, execution_id, unproven: isUnproven } = verification;
  const { unproven, verifications } = before ?? saidOf(earlier, earlier_unproven);
  const said = isUnproven
    ? saidOf(verifications, withWord(unproven, verification))
    : saidOf(withWord(verifications, verification), unproven);
  return { executionId: execution_id, claimed, executedAt: executed_at, ...said };
}

export function saidOf(verifications: Checks = {}, unproven: Checks = {}): Said {
  return Object.keys(unproven).length === 0 ? { verifications } : { verifications, unproven };
}

function withWord(checks: Checks = {}, { success, verified_by, withdrawn }: Verification): Checks {
  const { [verified_by]: _, ...others } = checks;
  return withdrawn ? others : { ...others, [verified_by]: success };
}

/** Every run that was said something of, by its execution id. */
export function foldVerifications(verifications: Iterable<Verification>): Map<string, VerifiedRun> {
  const runs = new Map<string, VerifiedRun>();
  for (const verification of verifications)
    runs.set(verification.execution_id, addVerification(runs.get(verification.execution_id), verification));
  return runs;
}

export type Word = Pick<Verification, "verified_by" | "unproven" | "withdrawn">;

/** The verifications of one run, in their order, without those that take one back and without what they take back. */
export function notWithdrawn<T extends Word>(verifications: readonly T[]): T[] {
  const overFrom = new Set<string>();
  const kept = verifications.toReversed().filter((one) => {
    if (one.withdrawn) overFrom.add(wordOf(one));
    return !overFrom.has(wordOf(one));
  });
  return kept.reverse();
}

/** The latest word of each verifier that stands, proven or not, of the verifications of one run in their order. */
export function standingWords<T extends Word>(verifications: readonly T[]): T[] {
  const latest = new Map<string, T>();
  for (const one of notWithdrawn(verifications)) latest.set(wordOf(one), one);
  const words = new Set(latest.values());
  return verifications.filter((one) => words.has(one));
}

function wordOf({ unproven, verified_by }: Word): string {
  return `${verified_by} ${unproven === true}`;
}

/** Whose word counts: that of the verifier that weighs most. `undefined` if nothing that was said of the run counts. */
export function decisiveVerifier({ verifications }: Said): Verifier | undefined {
  return verifiers.find((verifier) => verifications[verifier] !== undefined);
}

/** What counts as the run's outcome: the decisive verification, or the claim if there is none. */
export function outcomeOf(run: VerifiedRun): boolean {
  return verifiedOutcome(run) ?? run.claimed;
}

/** What the decisive verification found; `undefined` if there is none. */
export function verifiedOutcome(run: Said): boolean | undefined {
  const decisive = decisiveVerifier(run);
  return decisive === undefined ? undefined : run.verifications[decisive];
}

/** A sentence where verifiers contradict each other, saying whose word counts; `undefined` if they agree. */
export function contradictionIn({ verifications }: Said): string | undefined {
  const said = verifiers.filter((verifier) => verifications[verifier] !== undefined);
  const sides = [true, false].map((side) => said.filter((verifier) => verifications[verifier] === side));
  const [good = [], bad = []] = sides;
  if (good.length === 0 || bad.length === 0) return undefined;
  return `Verifiers contradict each other: success by ${good.join(", ")}; failure by ${bad.join(", ")}. ${said[0]} counts.`;
}
