import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import * as z from "zod";
import { parseJson } from "../../../domain/text/json.ts";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { type Entry, entriesOf, textOf } from "./transcript-entry.ts";
import { type WorkedTime, workedTime } from "./worked-time.ts";

/** How a run ended, where the client itself says that it failed. */
export interface Failure {
  readonly errorType: string;
  readonly error: string;
}

/** A report of a run that was accepted, as it was called for. */
interface AcceptedReport {
  readonly agent: string | undefined;
  readonly key: string | undefined;
}

/** What the client's own record of a run says. */
export interface Transcript {
  readonly worked: WorkedTime;
  readonly model: string | undefined;
  readonly failure: Failure | undefined;
  readonly reports: readonly AcceptedReport[];
  /** What the client calls the agent. */
  agentType(): string | undefined;
}

/** A subagent's transcript rarely has a megabyte, and is read whole. One may have hundreds: then it is read at its ends. */
const WHOLE_BYTES = 2 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 256 * 1024;

/** The run's own transcript, or `undefined` where none is found: the path may be missing, or lead to another's. */
export function readTranscript(path: string | undefined, key: string): Transcript | undefined {
  const ends = path === undefined ? undefined : readEnds(path);
  if (path === undefined || ends === undefined) return undefined;
  const head = entriesOf(ends.head);
  const tail = ends.tail === undefined ? head : entriesOf(ends.tail);
  const isOwn = basename(path) === `agent-${key}.jsonl` || [...head, ...tail].some((entry) => entry.agentId === key);
  if (!isOwn) return undefined;
  const turns = tail.filter(({ type }) => type === "assistant" || type === "user");
  const models = turns.flatMap(({ isApiErrorMessage, message }) => (isApiErrorMessage ? [] : (message?.model ?? [])));
  return {
    worked: workedTime(ends.tail === undefined ? [head] : [head, tail]),
    model: models.at(-1),
    failure: failureIn(turns.at(-1)),
    reports: acceptedReports(turns),
    agentType: () => typeBeside(path) ?? tail.findLast((entry) => entry.attributionAgent)?.attributionAgent,
  };
}

/** The first and the last bytes of a plain file, in whole lines; all of it in `head`, without a `tail`, where it is short. */
function readEnds(path: string): { head: string; tail: string | undefined } | undefined {
  let fd: number | undefined;
  try {
    // Non-blocking, so that a FIFO does not keep us waiting for a writer.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (stats.size <= WHOLE_BYTES) return { head: readAt(fd, 0, stats.size), tail: undefined };
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

/** Where an error of the API ends a turn, the client writes it in the place of the model's answer. */
function failureIn(last: Entry | undefined): Failure | undefined {
  if (last?.type !== "assistant" || last.isApiErrorMessage !== true) return undefined;
  return failureOf(last.error, textOf(last.message?.content));
}

export function failureOf(errorType: string | undefined, error: string): Failure {
  return { errorType: plainLine(errorType ?? "", 100) || "api_error", error: plainLine(error, 500) };
}

/** Under whatever name the client knows the server. */
const recordingTool = /^mcp__.*__record_execution$/;
/** The id in the answer says that the run is on disk; a refusal has none. */
const runId = /run_[0-9a-f]{20}/;

function acceptedReports(turns: readonly Entry[]): AcceptedReport[] {
  const calls = new Map<string, AcceptedReport>();
  const accepted: AcceptedReport[] = [];
  for (const block of turns.flatMap(({ blocks }) => blocks)) {
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
