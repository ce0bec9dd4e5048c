import * as z from "zod";
import { reportedVerificationSchema, verifierSchema } from "../../domain/verification/verification.ts";
import { named } from "../../messages/names.ts";
import { howAPersonSaysIt, outcomeSentence, receiptRates } from "../../messages/verification.ts";
import { defineTool } from "../frame/define-tool.ts";

/** Every agent has this door: the word of a person or of CI would prove nothing here. */
const verifierHere = verifierSchema.extract(["tests", "agent"], {
  error: ({ input }) => {
    if (input === "human")
      return `over MCP nothing proves that a person says it; send "tests" or "agent". ${howAPersonSaysIt.slice(0, -1)}`;
    if (input !== "ci") return undefined;
    return 'over MCP nothing proves that CI says it; send "tests" or "agent". CI says it with kaizen-metrics verify --commit';
  },
});

export const verifyExecution = defineTool({
  name: "verify_execution",
  title: "Verify a run",
  description: "Marks a run as really passed or failed; it outweighs the claim.",
  found: { by: "check tests outcome" },
  input: reportedVerificationSchema.extend({ verified_by: verifierHere.describe("Who checked") }),
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
  async run(kaizen, report) {
    const receipt = await kaizen.verify(report, { via: "mcp" });
    // What is said here counts, so that something does.
    return { ...receipt, verified: receipt.verified ?? report.success };
  },
  sentence(receipt) {
    const rates = receiptRates(receipt);
    return [
      outcomeSentence(receipt),
      receipt.contradiction ?? "",
      rates === undefined ? "" : `${named(receipt.agent)} has ${rates}.`,
    ]
      .filter((part) => part !== "")
      .join(" ");
  },
});
