import { isKnownField, reportedExecutionSchema, reservedFields } from "../../../domain/run/report.ts";
import { parseArguments as parseFields } from "../../../domain/text/arguments.ts";
import { isJsonObject, type JsonObject } from "../../../domain/text/json.ts";
import { claimedRuns } from "../../../messages/figures.ts";
import { quoted } from "../../../messages/names.ts";
import { type CommandContext, defineCommand, type Given } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { checkedField, flagName, flagsOf, readFlags } from "../../input/field-flags.ts";
import { readJsonObject } from "../../input/json-input.ts";
import { outcomeFlags, outcomeOf } from "../../input/outcome-flags.ts";

/** Fields without a flag of their own: the agent is an argument, the outcome two flags, and --set gives extra ones. */
const otherwiseGiven: readonly string[] = ["agent", "success", "extra"];
const fields = Object.keys(reportedExecutionSchema.shape).filter((name) => !otherwiseGiven.includes(name));
const self = { name: "record" };

export const record = defineCommand({
  ...self,
  group: "report",
  summary: "Record one finished run of an agent, failed ones too",
  details: [
    "When the command has ended with 0, the run is on disk. It prints the run's id, for kaizen-metrics verify.",
    `--file takes the arguments of the MCP tool record_execution as a JSON object, "-" from stdin; flags stand
before what the file says. A value of --set is JSON where it reads as JSON, and text otherwise.`,
  ],
  flags: {
    ...outcomeFlags("The run reached its goal", "It did not"),
    ...flagsOf(reportedExecutionSchema, fields, "--FIELD VALUE ..."),
    set: { type: "string", value: "KEY=VALUE", multiple: true, description: "A further field, e.g. tests_passed=12" },
    "new-agent": { type: "boolean", description: "It is a new agent, though the name is nearly that of another" },
    file: { type: "string", value: "FILE", description: 'A JSON object with the fields of the run; "-" for stdin' },
  },
  positionals: { agent: { description: "Who ran, e.g. code-reviewer; required unless the file says so" } },
  examples: [
    ["kaizen-metrics record code-reviewer --success --quality-score 0.85 --task review", "A run that went well"],
    [
      'kaizen-metrics record code-reviewer --failure --error-type TimeoutError --error "no answer after 60 s"',
      "One that did not",
    ],
    [
      "kaizen-metrics record code-reviewer --success --set findings=2 --idempotency-key pr-118",
      "With a field of its own",
    ],
    [`echo '{"success": true, "task": "review"}' | kaizen-metrics record code-reviewer --file -`, "From a program"],
  ],
  async run({ flags, positionals }, context) {
    const report = parseFields(reportedExecutionSchema, await reportOf(flags, positionals.agent, context));
    const kaizen = await context.kaizen();
    const receipt = await kaizen.network.asOneCall(async () => {
      if (flags["new-agent"] !== true) {
        await kaizen.twins.expectNone(report.agent, "If it is another agent, add --new-agent.");
      }
      return kaizen.record(report);
    });
    const { agent, duplicate, execution_count, success_rate } = receipt;
    const { id } = receipt;
    const what = duplicate ? `Nothing added: ${id} was recorded under this key before.` : `Recorded ${id}.`;
    const runs = claimedRuns(execution_count, success_rate);
    return { value: receipt, text: () => `${what} ${quoted(agent)} has ${runs}.\n` };
  },
});

interface OwnFlags {
  readonly success: boolean | undefined;
  readonly failure: boolean | undefined;
  readonly set: readonly string[] | undefined;
  readonly file: string | undefined;
}

/** The arguments of `record_execution`, from the file and from the line. */
async function reportOf(
  flags: OwnFlags & Given["flags"],
  agent: string | undefined,
  context: CommandContext,
): Promise<Record<string, unknown>> {
  const success = outcomeOf(flags, self);
  const given = readFlags(reportedExecutionSchema, fields, flags, self);
  const extra = extraFields(flags.set ?? []);
  checkedField(reportedExecutionSchema.shape.extra, "extra", extra, self, "--set");
  const file = flags.file === undefined ? {} : givenFields(await readJsonObject(flags.file, context, self));
  const report: Record<string, unknown> = { ...file, ...given };
  if (agent !== undefined) {
    if (file.agent !== undefined && file.agent !== agent) {
      throw usageError(`The file is about ${quoted(String(file.agent))}, the line about ${quoted(agent)}.`, self);
    }
    report.agent = agent;
  }
  if (success !== undefined) report.success = success;
  if (flags.set !== undefined) report.extra = { ...(isJsonObject(file.extra) ? file.extra : {}), ...extra };
  if (report.agent === undefined) throw usageError("record needs AGENT.", self);
  if (report.success === undefined) throw usageError("record needs --success or --failure.", self);
  return report;
}

/** What the file says. A field that is `null` is left out, as in arguments; the line may give it. */
function givenFields(file: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null));
}

function extraFields(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair): [string, unknown] => {
      const at = pair.indexOf("=");
      if (at < 1) {
        throw usageError(`--set is ${JSON.stringify(pair.slice(0, 80))}; send KEY=VALUE, e.g. tests_passed=12.`, self);
      }
      const key = pair.slice(0, at);
      if (reservedFields.includes(key)) {
        throw usageError(
          `--set may not give ${JSON.stringify(key)}: what a check found is said with kaizen-metrics verify.`,
          self,
        );
      }
      if (isKnownField(key)) {
        const instead = key === "id" ? "the store gives the id" : `say it with ${flagFor(key)}`;
        throw usageError(`--set may not give ${JSON.stringify(key)}: ${instead}.`, self);
      }
      return [key, jsonOrText(pair.slice(at + 1))];
    }),
  );
}

function flagFor(field: string): string {
  if (field === "agent") return "AGENT";
  return field === "success" ? "--success or --failure" : field === "extra" ? "--set" : `--${flagName(field)}`;
}

/** A number that would not come out as it was typed, such as a long one or a commit's, is text. */
function jsonOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" && String(value) !== text.trim() && !isPlainDecimal(text) ? text : value;
  } catch {
    return text;
  }
}

/** Such as `0.50` or `-3`, with no more digits than a number holds. */
function isPlainDecimal(text: string): boolean {
  return /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) && text.replaceAll(/\D/g, "").length <= 15;
}
