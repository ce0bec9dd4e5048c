import type { Standing, Verifier } from "../domain/verification/verification.ts";
import type { VerificationReceipt } from "../domain/verification/verified-view.ts";
import { counted, verifiedRates } from "./figures.ts";

/** How a person says what a run came to by a door that an agent does not have. */
export const howAPersonSaysIt =
  "A person says it with kaizen-metrics verify in a terminal of their own, or with /kaizen-metrics:good or :bad in Claude Code.";

/** `success by ci`, or `claimed by human, via cli: success` if nothing proves who said it. */
export function wordText({
  success,
  unproven,
  verified_by,
  via,
}: Standing & { verified_by: Verifier; success: boolean }) {
  return unproven
    ? `${claimedBy(verified_by, via)}: ${outcomeWord(success)}`
    : `${outcomeWord(success)} by ${verified_by}`;
}

/** `claimed by human, via cli`. */
export function claimedBy(verifier: string, via: Standing["via"]): string {
  return `claimed by ${verifier}${via === undefined ? "" : `, via ${via}`}`;
}

/** `claimed by human, via cli: 2 runs, not counted`. Of all doors, only that of an agent's shell proves nothing. */
export function claimedSentence(verifier: string, runs: number): string {
  return `${claimedBy(verifier, "cli")}: ${counted(runs, "run")}, not counted`;
}

/** What a run reported of itself, and what counts now. */
export function outcomeSentence({
  claimed,
  execution_id,
  verified,
}: Pick<VerificationReceipt, "claimed" | "execution_id" | "verified">): string {
  const reported = outcomeWord(claimed);
  if (verified === null) return `${execution_id} was reported as a ${reported}; no check that counts says more.`;
  if (claimed === verified) return `${execution_id} is a ${reported}, as the agent reported.`;
  return `${execution_id} is a ${outcomeWord(verified)} now; the agent had reported a ${reported}.`;
}

/** The rates of the agent's verified runs; `undefined` if there is none. */
export function receiptRates(
  receipt: Pick<VerificationReceipt, "claimed_rate" | "verified_rate" | "verified_runs">,
): string | undefined {
  const { claimed_rate, verified_rate: rate, verified_runs: runs } = receipt;
  return verifiedRates({ runs, rate, claimed_rate });
}

export function outcomeWord(success: boolean): string {
  return success ? "success" : "failure";
}

/** `ci disagreed`, `ci agreed; human: failure, not counted`: what checks say beside what a run said of itself. */
export function checkWords(
  claimed: boolean,
  words: readonly (Standing & { readonly verified_by: Verifier; readonly success: boolean })[],
): string {
  return words
    .map(({ success, unproven, verified_by }) =>
      unproven
        ? `${verified_by}: ${outcomeWord(success)}, not counted`
        : `${verified_by} ${success === claimed ? "agreed" : "disagreed"}`,
    )
    .join("; ");
}
