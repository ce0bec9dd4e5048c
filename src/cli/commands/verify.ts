import { reportedVerificationSchema } from "../../domain/verification/verification.ts";
import { counted, percent } from "../../messages/figures.ts";
import { quoted } from "../../messages/names.ts";
import { defineCommand } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { checkedField, flagsOf, readFlags } from "../input/field-flags.ts";
import { expectKnownAgent } from "../input/known-agent.ts";
import { outcomeFlags, outcomeOf } from "../input/outcome-flags.ts";

const self = { name: "verify" };
const { verified_by } = reportedVerificationSchema.shape;
const verifiers = verified_by.options.join("|");

export const verify = defineCommand({
  ...self,
  group: "report",
  summary: "Add what an independent check of a recorded run found",
  details: [
    `The check outweighs what the run says of itself; the run's own line does not change. Of several verifications the later
one by the same verifier counts, and between verifiers the first of ${verified_by.options.join(", ")}.`,
  ],
  flags: {
    ...outcomeFlags("It did reach its goal", "It did not", { required: true }),
    by: { type: "string", value: verifiers, required: true, description: "Who checked" },
    ...flagsOf(reportedVerificationSchema, ["evidence"]),
  },
  positionals: {
    agent: { required: true, description: "Who ran, e.g. code-reviewer" },
    run: { required: true, description: "The run's id, from kaizen-metrics record or executions" },
  },
  examples: [
    [
      'kaizen-metrics verify code-reviewer run_5d1f0c83a92e47b6d015 --failure --by tests --evidence "3 of 41 tests fail"',
      "The run claimed a success that the tests do not bear out",
    ],
  ],
  async run({ flags, positionals }, context) {
    const success = outcomeOf(flags, self);
    if (success === undefined) throw usageError("verify needs --success or --failure.", self);
    if (flags.by === undefined) throw usageError(`verify needs --by, with ${verifiers.replaceAll("|", ", ")}.`, self);
    checkedField(verified_by, "verified_by", flags.by, self, "--by");
    const verification = reportedVerificationSchema.parse({
      ...readFlags(reportedVerificationSchema, ["evidence"], flags, self),
      agent: positionals.agent,
      execution_id: positionals.run,
      success,
      verified_by: flags.by,
    });
    const kaizen = await context.kaizen();
    await expectKnownAgent(kaizen, verification.agent);
    const receipt = await kaizen.verify(verification);
    const { agent, claimed, claimed_rate, contradiction, execution_id, verified, verified_rate, verified_runs } =
      receipt;
    const outcome =
      claimed === verified
        ? `${execution_id} claimed ${word(claimed)}, confirmed.`
        : `${execution_id} claimed ${word(claimed)}, but counts as a ${word(verified)} now.`;
    const rates = `${percent(verified_rate)} succeeded, ${percent(claimed_rate)} claimed to`;
    const lines = [outcome, contradiction, `${quoted(agent)} has ${counted(verified_runs, "verified run")}: ${rates}.`];
    return { value: receipt, text: () => lines.flatMap((line) => (line === null ? [] : [`${line}\n`])).join("") };
  },
});

function word(success: boolean): string {
  return success ? "success" : "failure";
}
