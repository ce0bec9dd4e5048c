import { KaizenError } from "../../../errors.ts";
import { evidenceOf, RunNames } from "../../../kaizen/export.ts";
import { counted } from "../../../messages/figures.ts";
import type { Output } from "../output.ts";
import { type Selection, scan } from "../writers.ts";
import { Patience, type Surroundings, send } from "./sender.ts";
import type { OtlpSettings } from "./settings.ts";
import { type Attribute, attribute, spanOf } from "./spans.ts";

/** One request is not larger than this, and so is far from the 20 MiB that receivers are asked to take. */
const SPANS_A_REQUEST = 512;
const CHARACTERS_A_REQUEST = 1024 * 1024;
const NAMED_MESSAGES = 5;

export interface OtlpOptions {
  readonly includeText: boolean;
  readonly serviceName: string;
  readonly version: string;
}

export interface OtlpReport {
  readonly runs: number;
  /** Runs that do not say when they were, or name a time that a span has no room for: a span without a time is none. */
  readonly withoutTime: number;
  readonly requests: number;
  readonly rejected: number;
  /** What the receiver had to say, each once. */
  readonly messages: readonly string[];
}

/** Writes requests as lines, in the form of the OpenTelemetry file exporter. */
export async function writeOtlp(selection: Selection, output: Output, options: OtlpOptions): Promise<OtlpReport> {
  return exportSpans(selection, options, async (body) => {
    await output.write(`${body}\n`);
    return { rejectedSpans: 0, message: undefined };
  });
}

export async function sendOtlp(
  selection: Selection,
  settings: OtlpSettings,
  options: OtlpOptions,
  around: Surroundings,
): Promise<OtlpReport> {
  if (settings.warning !== undefined) around.log.warning(settings.warning);
  const patience = new Patience();
  let taken = 0;
  return exportSpans(selection, options, async (body, spans) => {
    try {
      const accepted = await send(body, settings, patience, around);
      taken += spans;
      return accepted;
    } catch (error) {
      if (!(error instanceof KaizenError)) throw error;
      throw new KaizenError(error.code, `${error.message} It had taken ${counted(taken, "span")} before.`, {
        hint: "Export again once the cause is gone: a run's span has the same ids each time.",
        cause: error,
      });
    }
  });
}

type Deliver = (body: string, spans: number) => Promise<{ rejectedSpans: number; message: string | undefined }>;

async function exportSpans(selection: Selection, options: OtlpOptions, deliver: Deliver): Promise<OtlpReport> {
  const report = { withoutTime: 0, requests: 0, rejected: 0 };
  const messages = new Set<string>();
  const names = new RunNames();
  let spans: string[] = [];
  let characters = 0;
  const flush = async () => {
    if (spans.length === 0) return;
    const { message, rejectedSpans } = await deliver(requestOf(spans, options), spans.length);
    report.requests += 1;
    report.rejected += rejectedSpans;
    if (message !== undefined && messages.size < NAMED_MESSAGES) messages.add(message);
    spans = [];
    characters = 0;
  };
  let count = 0;
  for await (const some of scan(selection, "runs exported")) {
    const { agent, runs } = some;
    count += runs.length;
    for (const run of runs) {
      const evidence = evidenceOf(run, some);
      const span = spanOf(agent, run, { ...options, runName: names.next(agent, run), evidence });
      if (span === undefined) {
        report.withoutTime += 1;
        continue;
      }
      const text = JSON.stringify(span);
      if (spans.length === SPANS_A_REQUEST || characters + text.length > CHARACTERS_A_REQUEST) await flush();
      spans.push(text);
      characters += text.length;
    }
  }
  await flush();
  return { runs: count, ...report, messages: [...messages] };
}

/** An `ExportTraceServiceRequest`. */
function requestOf(spans: readonly string[], { serviceName, version }: OtlpOptions): string {
  const resource: Attribute[] = [attribute("service.name", serviceName), attribute("service.version", version)];
  const scope = { name: "kaizen-metrics", version };
  return `{"resourceSpans":[{"resource":${JSON.stringify({ attributes: resource })},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":[${spans.join(",")}]}]}]}`;
}
