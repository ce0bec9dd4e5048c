import * as z from "zod";
import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { Verification } from "../../../domain/verification/verification.ts";

/**
 * A verification, and whose word it is: `by_ci` and `by_person` are filled in by roles alone that may speak for CI, or for
 * a person. `ci_before` and `person_before` say whether such a word was kept of the same run before it.
 */
export const keptVerificationSchema = z.object({
  by_ci: z.boolean(),
  by_person: z.boolean(),
  ci_before: z.boolean(),
  person_before: z.boolean(),
  record: z.string(),
});

export type KeptVerification = z.infer<typeof keptVerificationSchema>;

/** The columns of `keptVerificationSchema`, of a row `c` of the table of verifications. */
export function keptColumns(checks: string): string {
  const before = (word: "by_ci" | "by_person") =>
    `EXISTS (SELECT 1 FROM ${checks} e WHERE e.agent_id = c.agent_id AND e.execution_id = c.execution_id AND e.nth < c.nth AND e.${word})`;
  return `c.by_ci, c.by_person, ${before("by_ci")} AS ci_before, ${before("by_person")} AS person_before, c.record`;
}

/**
 * The word of CI, or of a person, from a role that may not give it is kept, and counts in no figure. What a record says of
 * such words before it counts if they were kept: any role that writes can say so. `undefined` for what is no verification.
 */
export function readVerification(kept: KeptVerification): Verification | undefined {
  const read = decodeVerification(Buffer.from(kept.record));
  if (read === undefined || read === "blank") return undefined;
  const backed = withBackedWords(read, kept);
  if (read.unproven) return backed;
  const { verified_by } = read;
  const isProven = verified_by === "ci" ? kept.by_ci : verified_by === "human" ? kept.by_person : true;
  return isProven ? backed : { ...backed, unproven: true };
}

function withBackedWords(read: Verification, { ci_before, person_before }: KeptVerification): Verification {
  const { earlier, ...rest } = read;
  if (earlier === undefined) return read;
  const { ci, human, ...others } = earlier;
  const backed = {
    ...others,
    ...(ci_before && ci !== undefined ? { ci } : {}),
    ...(person_before && human !== undefined ? { human } : {}),
  };
  return Object.keys(backed).length === 0 ? rest : { ...rest, earlier: backed };
}
