import { analysisSchema } from "../../../domain/coaching/analysis.ts";
import { parseArguments as parseFields } from "../../../domain/text/arguments.ts";
import { counted } from "../../../messages/figures.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { jsonDocument } from "../../frame/json-document.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { readJsonObject } from "../../input/json-input.ts";

const self = { name: "analysis" };

export const analysis = defineCommand({
  ...self,
  group: "advise",
  summary: "Read the optimizer's latest report, or write one",
  details: [
    `A report is any JSON object. --write takes the arguments of the MCP tool write_optimizer_analysis: the report, which
takes the place of the one before, and recommendations for agents, which are added:
  {"report": {...}, "recommendations": [{"agent": "code-reviewer", "title": "...", "detail": "...", "priority": 2}]}`,
  ],
  flags: { write: { type: "string", value: "FILE", description: 'What to write, as JSON; "-" for stdin' } },
  positionals: {},
  examples: [
    ["kaizen-metrics analysis", "What the optimizer has found"],
    ["my-optimizer | kaizen-metrics analysis --write -", "Store what a program has found"],
  ],
  async run({ flags }, context) {
    if (flags.write !== undefined) return write(flags.write, context);
    if (context.retentionDays !== undefined) {
      throw usageError("--retention-days goes with --write: a report is kept until the next one.", self);
    }
    return read(context);
  },
});

async function read(context: CommandContext): Promise<Outcome> {
  const report = await (await context.kaizen()).analysis();
  const nothing = "No optimizer has written an analysis in this project yet.";
  return { value: report ?? null, text: () => (report === undefined ? `${nothing}\n` : jsonDocument(report)) };
}

async function write(file: string, context: CommandContext): Promise<Outcome> {
  const parsed = parseFields(analysisSchema, await readJsonObject(file, context, self));
  const written = await (await context.kaizen()).writeAnalysis(parsed);
  const ids = written.recommendation_ids;
  return {
    value: written,
    text: () => [`Wrote ${written.path} and ${counted(ids.length, "recommendation")}.`, ...ids, ""].join("\n"),
  };
}
