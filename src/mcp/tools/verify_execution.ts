import * as z from "zod";
import { reportedVerificationSchema, verifierSchema } from "../../domain/verification/verification.ts";
import { verifiedRates } from "../../messages/figures.ts";
import { named } from "../../messages/names.ts";
import { defineTool } from "../frame/define-tool.ts";

export const verifyExecution = defineTool({
  name: "verify_execution",
  title: "Verify a run",
  description: "Adds what an independent check of a recorded run found; it outweighs the claim.",
  input: reportedVerificationSchema,
  output: z.object({
    agent: z.string(),
    execution_id: z.string(),
    claimed: z.boolean(),
    verified: z.boolean(),
    verified_by: verifierSchema,
    contradiction: z.string().nullable(),
    verified_runs: z.int(),
    verified_rate: z.number().nullable(),
    claimed_rate: z.number().nullable(),
  }),
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  run: (kaizen, report) => kaizen.verify(report),
  sentence({ agent, claimed, claimed_rate, contradiction, execution_id, verified, verified_rate, verified_runs }) {
    const outcome =
      claimed === verified
        ? `${execution_id} claimed ${word(claimed)}, confirmed.`
        : `${execution_id} claimed ${word(claimed)}, but counts as a ${word(verified)} now.`;
    const rates = verifiedRates({ runs: verified_runs, rate: verified_rate, claimed_rate });
    return [outcome, contradiction ?? "", rates === undefined ? "" : `${named(agent)} has ${rates}.`]
      .filter((part) => part !== "")
      .join(" ");
  },
});

function word(success: boolean): string {
  return success ? "success" : "failure";
}
