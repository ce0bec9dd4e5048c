import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import * as z from "zod";
import { parseJson } from "../../domain/json.ts";
import { plainLine } from "../../domain/plain-text.ts";
import { readInstant } from "../../domain/time.ts";

/** How a run ended, where the client itself says that it failed. */
export interface Failure {
  readonly errorType: string;
  readonly error: string;
}

/** A report of a run that was accepted, as it was called for. */
export interface AcceptedReport {
  readonly agent: string | undefined;
  readonly key: string | undefined;
}

/** What the client's own record of a run says. */
export interface Transcript {
  /** Instants in ms. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly model: string | undefined;
  readonly failure: Failure | undefined;
  readonly reports: readonly AcceptedReport[];
  /** What the client calls the agent. */
  agentType(): string | undefined;
}

/** A transcript may have hundreds of megabytes; what is looked for stands at its ends. */
const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 256 * 1024;

const optional = <S extends z.ZodType>(schema: S) => schema.optional().catch(undefined);

const entrySchema = z.object({
  type: optional(z.string()),
  timestamp: optional(z.string()),
  agentId: optional(z.string()),
  attributionAgent: optional(z.string()),
  isApiErrorMessage: optional(z.boolean()),
  error: optional(z.string()),
  message: optional(z.object({ model: optional(z.string()), content: z.unknown().optional() })),
});

type Entry = z.infer<typeof entrySchema>;

/** The run's own transcript, or `undefined` where none is found: the path may be missing, or lead to another's. */
export function readTranscript(path: string | undefined, key: string): Transcript | undefined {
  const ends = path === undefined ? undefined : readEnds(path);
  if (path === undefined || ends === undefined) return undefined;
  const head = entriesOf(ends.head);
  const tail = entriesOf(ends.tail);
  const isOwn = basename(path) === `agent-${key}.jsonl` || [...head, ...tail].some((entry) => entry.agentId === key);
  if (!isOwn) return undefined;
  const turns = tail.filter(({ type }) => type === "assistant" || type === "user");
  const models = turns.flatMap(({ isApiErrorMessage, message }) => (isApiErrorMessage ? [] : (message?.model ?? [])));
  return {
    startedAt: instants(head)[0],
    endedAt: instants(tail).at(-1),
    model: models.at(-1),
    failure: failureIn(turns.at(-1)),
    reports: acceptedReports(turns),
    agentType: () => typeBeside(path) ?? tail.findLast((entry) => entry.attributionAgent)?.attributionAgent,
  };
}

/** The first and the last bytes of a plain file, in whole lines; together all of it where it is short. */
function readEnds(path: string): { head: string; tail: string } | undefined {
  let fd: number | undefined;
  try {
    // Non-blocking, so that a FIFO does not keep us waiting for somebody to write to it.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size <= HEAD_BYTES + TAIL_BYTES) {
      const whole = readAt(fd, 0, stats.size);
      return { head: whole, tail: whole };
    }
    const head = readAt(fd, 0, HEAD_BYTES);
    const tail = readAt(fd, stats.size - TAIL_BYTES, TAIL_BYTES);
    return { head: head.slice(0, head.lastIndexOf("\n") + 1), tail: tail.slice(tail.indexOf("\n") + 1) };
  } catch {
    // Gone, or not ours to read: then nothing is known from it.
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readAt(fd: number, from: number, bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const count = readSync(fd, buffer, filled, bytes - filled, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.toString("utf8", 0, filled);
}

/** Every entry that can be read. The client may be at the last line while we look. */
function entriesOf(text: string): Entry[] {
  return text.split("\n").flatMap((line) => entrySchema.safeParse(parseJson(line)).data ?? []);
}

function instants(entries: readonly Entry[]): number[] {
  return entries.flatMap(({ timestamp }) => readInstant(timestamp) ?? []);
}

/** Where an error of the API ends a turn, the client writes it in the place of the model's answer. */
function failureIn(last: Entry | undefined): Failure | undefined {
  if (last?.type !== "assistant" || last.isApiErrorMessage !== true) return undefined;
  return failureOf(last.error, textOf(last.message?.content));
}

export function failureOf(errorType: string | undefined, error: string): Failure {
  return { errorType: plainLine(errorType ?? "", 100) || "api_error", error: plainLine(error, 500) };
}

const blocksSchema = z.array(
  z
    .object({
      type: z.string(),
      id: optional(z.string()),
      name: optional(z.string()),
      input: optional(z.object({ agent: optional(z.string()), idempotency_key: optional(z.string()) })),
      tool_use_id: optional(z.string()),
      is_error: optional(z.boolean()),
      text: optional(z.string()),
      content: z.unknown().optional(),
    })
    .catch({ type: "unknown" }),
);

function blocksOf(content: unknown): z.infer<typeof blocksSchema> {
  return blocksSchema.safeParse(content).data ?? [];
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return blocksOf(content)
    .map((block) => block.text ?? "")
    .join(" ");
}

/** Under whatever name the client knows the server. */
const recordingTool = /^mcp__.*__record_execution$/;
/** The id in the answer says that the run is on disk; a refusal has none. */
const runId = /run_[0-9a-f]{20}/;

function acceptedReports(turns: readonly Entry[]): AcceptedReport[] {
  const calls = new Map<string, AcceptedReport>();
  const accepted: AcceptedReport[] = [];
  for (const block of turns.flatMap(({ message }) => blocksOf(message?.content))) {
    if (block.type === "tool_use" && block.id !== undefined && recordingTool.test(block.name ?? "")) {
      calls.set(block.id, { agent: block.input?.agent, key: block.input?.idempotency_key });
    }
    const call = block.type === "tool_result" ? calls.get(block.tool_use_id ?? "") : undefined;
    if (call !== undefined && block.is_error !== true && runId.test(textOf(block.content))) accepted.push(call);
  }
  return accepted;
}

const metaSchema = z.object({ agentType: z.string() });

/** Newer clients put a file beside the transcript that says of what type the agent is. */
function typeBeside(path: string): string | undefined {
  const meta = readEnds(path.replace(/\.jsonl$/, ".meta.json"))?.head ?? "";
  return metaSchema.safeParse(parseJson(meta)).data?.agentType;
}
