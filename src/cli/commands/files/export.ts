import { nearestName } from "../../../domain/text/nearest-name.ts";
import { printable } from "../../../domain/text/plain-text.ts";
import type { Kaizen, UnreadAgent } from "../../../kaizen/kaizen.ts";
import { counted } from "../../../messages/figures.ts";
import { unreadNote } from "../../../messages/unread.ts";
import { leftOutOf } from "../../export/left-out.ts";
import { openOutput } from "../../export/open-output.ts";
import { type OtlpReport, sendOtlp, writeOtlp } from "../../export/otlp/otlp.ts";
import { placeOf } from "../../export/otlp/sender.ts";
import { otlpSettings } from "../../export/otlp/settings.ts";
import type { Output } from "../../export/output.ts";
import { type OutputPlace, outputPlace } from "../../export/output-place.ts";
import { type Selection, writeCsv, writeJsonl } from "../../export/writers.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { timeFlags } from "../../input/filter-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { typedInstant } from "../../input/typed-instant.ts";
import { unreadPart } from "../../reports/agent-list.ts";
import { exportFolder } from "../../team/export-folder.ts";

const self = { name: "export" };
const formats = ["jsonl", "csv", "otlp"] as const;
type Format = (typeof formats)[number];

export const exportRuns = defineCommand({
  ...self,
  group: "files",
  summary: "Write the runs to a file, or send them to an OpenTelemetry receiver",
  usage:
    "export [AGENT...] [--format jsonl|csv|otlp] [--since WHEN] [--until WHEN] [--output FILE] [--decimal-comma] [--include-text]\n       kaizen-metrics export --to jsonl FOLDER",
  details: [
    `Runs come agent by agent, each from the oldest on, and are not held in memory. jsonl is the form of the store itself,
for import elsewhere: runs only, without what verifications found and without recommendations. csv is for spreadsheets: columns for the known fields and for up to 100 others, what has no
column in other_fields, and text that could be taken for a formula behind an apostrophe. It begins with a byte
order mark, which Excel needs (in Python: encoding="utf-8-sig"). Where numbers are written with a comma,
spreadsheets want --decimal-comma: 0,85 for 0.85, and semicolons between the cells.`,
    `otlp makes a span of each run, with what verifications found of it, by the GenAI conventions of OpenTelemetry. Without --output
it is sent over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT (or ..._TRACES_ENDPOINT), with OTEL_EXPORTER_OTLP_HEADERS;
OTEL_SERVICE_NAME names the service. The ids follow from the runs, so that the same run is the same span each
time. Messages, notes, tasks and evidence leave the machine only with --include-text.`,
  ],
  flags: {
    format: { type: "string", value: "FORMAT", choices: formats, description: "jsonl (the default), csv or otlp" },
    ...timeFlags,
    to: {
      type: "string",
      value: "jsonl",
      description: "Write a team's whole store into a new FOLDER, of a project's form",
    },
    output: { type: "string", value: "FILE", description: 'Write to this file, whole or not at all; "-" for stdout' },
    "decimal-comma": { type: "boolean", description: "With csv: for spreadsheets that write 0,85, not 0.85" },
    "include-text": { type: "boolean", description: "With otlp: also what agents and verifiers wrote" },
  },
  positionals: { agent: { rest: true, description: "Whose runs; everybody's without a name" } },
  examples: [
    ["kaizen-metrics export --format csv --output runs.csv", "For a spreadsheet"],
    ["kaizen-metrics export code-reviewer --since 2026-11-01 | jq .quality_score", "For a program"],
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 kaizen-metrics export --format otlp",
      "For a collector on this machine",
    ],
  ],
  async run({ flags, positionals: { agent: named = [] } }, context) {
    if (flags.to !== undefined) {
      const folder = folderOf(flags, named);
      return exportFolder(folder, context);
    }
    const format = formatOf(flags.format);
    if (flags.output === "") throw usageError("--output names no file.", self);
    const path = flags.output === "-" ? undefined : flags.output;
    const form = flags["decimal-comma"] === true ? "comma" : "point";
    if (form === "comma" && format !== "csv") throw usageError("--decimal-comma is for csv.", self);
    const includeText = flags["include-text"] === true;
    if (includeText && format !== "otlp")
      throw usageError(`${format} always holds the text; --include-text is for otlp.`, self);
    const isSent = format === "otlp" && flags.output === undefined;
    const to = isSent ? otlpSettings(context.environment) : await placeNamed(path, context);
    const printed = "kind" in to && to.kind === "open" && to.descriptor === 1;
    if (printed && context.json)
      throw usageError("--json goes with --output: without it, the runs are what is printed.", self);
    const filter = {
      sinceAt: typedInstant("--since", flags.since, context),
      untilAt: typedInstant("--until", flags.until, context),
    };
    const kaizen = await context.kaizen();
    const meant = await meantAgents(kaizen, named);
    // By agent: a table is made of two walks.
    const failed = new Map<string, UnreadAgent>();
    const selection: Selection = {
      kaizen,
      agents: meant,
      filter,
      step: (what, runs) => context.progress.step(what, runs),
      // Who asks for one agent wants to hear that there is nothing to be had.
      ...(named.length > 0 ? {} : { onUnread: (one: UnreadAgent) => void failed.set(one.agent, one) }),
    };
    const isRead = (agent: string) => !failed.has(agent);
    const options = {
      includeText,
      serviceName: context.environment.OTEL_SERVICE_NAME || "kaizen-metrics",
      version: context.version,
    };
    if ("url" in to) {
      const report = await sendOtlp(selection, to, options, context);
      const agents = meant.filter(isRead);
      const unread = [...failed.values()];
      return outcome({ format, agents, unread, destination: placeOf(to), report, isPrinted: false });
    }
    const output = await openOutput(path ?? "-", to, context);
    const { renamed, ...report } = await writing(output, async () => {
      if (format === "otlp") return { ...(await writeOtlp(selection, output, options)), renamed: 0 };
      const written = format === "csv" ? await writeCsv(selection, output, form) : await writeJsonl(selection, output);
      return { ...written, withoutTime: 0, requests: 0, rejected: 0, messages: [] };
    });
    // The reader has gone and wants to hear no more; and the runs were not counted to the end.
    if (output.isDone()) return { value: null, text: () => "" };
    const agents = meant.filter(isRead);
    const unread = [...failed.values()];
    // Tables and spans have what verifications found in places of their own, and are not what a store is copied by.
    const leftOut = format === "jsonl" ? await leftOutOf(kaizen, agents) : undefined;
    return outcome({
      format,
      agents,
      unread,
      destination: printed ? null : (path ?? null),
      report,
      renamed,
      leftOut,
      isPrinted: printed,
    });
  },
});

/** What a store's whole history is written into: everything, so that no other flag has a place. */
function folderOf(flags: Readonly<Record<string, unknown>>, named: readonly string[]): string {
  if (flags.to !== "jsonl") throw usageError("--to takes jsonl, and a folder behind it.", self);
  const other = Object.keys(flags).find((name) => name !== "to" && flags[name] !== undefined);
  if (other !== undefined) throw usageError(`--${other} does not go with --to.`, self);
  const [folder = "", ...more] = named;
  if (more.length > 0) throw usageError("--to jsonl takes one folder.", self);
  return folder;
}

/** Where to write; stdout without a name. */
async function placeNamed(path: string | undefined, context: CommandContext): Promise<OutputPlace> {
  if (path === undefined) return { kind: "open", descriptor: 1 };
  return outputPlace(path, (await context.project()).path, context.machine);
}

function formatOf(text: string | undefined): Format {
  if (text === undefined) return "jsonl";
  const format = formats.find((name) => name === text);
  if (format !== undefined) return format;
  const nearest = nearestName(text, formats);
  const meant = nearest === undefined ? `; known are ${formats.join(", ")}.` : `; did you mean ${nearest}?`;
  throw usageError(`${JSON.stringify(text.slice(0, 80))} is not a format${meant}`, self);
}

/** The agents that the user named, each once, or every agent: also the ones that turn out to be unreadable. */
async function meantAgents(kaizen: Kaizen, named: readonly string[]): Promise<readonly string[]> {
  if (named.length === 0) return [...new Set([...(await kaizen.agentNames()), ...(await kaizen.unsafeAgents())])];
  const meant = new Set<string>();
  for (const agent of named) meant.add(await expectKnownAgent(kaizen, agent));
  return [...meant];
}

async function writing<T>(output: Output, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    await output.finish();
    return result;
  } catch (error) {
    await output.abandon();
    throw error;
  }
}

interface Exported {
  readonly format: Format;
  readonly agents: readonly string[];
  /** Agents whose runs could not be read, or not to their end. */
  readonly unread: readonly UnreadAgent[];
  /** The file or address; `null` for stdout. */
  readonly destination: string | null;
  readonly report: OtlpReport;
  /** Runs whose lines named another agent. */
  readonly renamed?: number;
  /** What there is beside the runs, in a sentence. */
  readonly leftOut?: string | undefined;
  readonly isPrinted: boolean;
}

function outcome({ agents, destination, format, isPrinted, leftOut, renamed = 0, report, unread }: Exported): Outcome {
  const { messages, rejected, requests, runs, withoutTime } = report;
  const spans = { spans: runs - withoutTime, without_time: withoutTime, requests, rejected, messages };
  const sentences = [
    `${counted(runs, "run")} of ${counted(agents.length, "agent")}${destination === null ? "" : ` to ${destination}`}.`,
    ...(renamed === 0
      ? []
      : [`${counted(renamed, "run")} named another agent than the one in whose log they stand; that one is written.`]),
    ...(leftOut === undefined ? [] : [leftOut]),
    ...(withoutTime === 0
      ? []
      : [`${counted(withoutTime, "run")} left out: a span needs a time from 1970 to July 2554.`]),
    ...(rejected === 0 ? [] : [`The receiver rejected ${counted(rejected, "span")}.`]),
    ...messages.map((message) => `It says: ${message}`),
    ...(unread.length === 0 ? [] : [unreadNote(unread)]),
  ];
  // A destination is a path, and people may put any character into one.
  const said = printable(sentences.join("\n"));
  return {
    value: {
      format,
      agents,
      runs,
      destination,
      ...(format === "otlp" ? spans : {}),
      ...(renamed === 0 ? {} : { renamed }),
      ...(leftOut === undefined ? {} : { left_out: [leftOut] }),
      ...unreadPart(unread),
    },
    text: () => (isPrinted ? "" : `${said}\n`),
    ...(isPrinted ? { note: said } : {}),
    exitCode: rejected > 0 || unread.length > 0 ? 1 : 0,
  };
}
