import { read } from "node:fs";
import { basename } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { parseJson } from "../../domain/text/json.ts";
import type { AcceptedReport } from "./accepted-reports.ts";
import { bytesAt, type ClientFile, closeClientFile, openClientFile, withClientFile } from "./client-file.ts";
import { Lines } from "./lines.ts";
import type { Failure, TranscriptFacts } from "./run-record.ts";
import { TranscriptLines } from "./transcript-lines.ts";
import type { WorkedTime } from "./worked-time.ts";

/** What the client's own record of a run says. */
export interface TranscriptReading {
  readonly client: "claude-code" | "codex";
  /** Whether all of it was read. Of its ends alone, no more facts are told than those ends can say. */
  readonly isWhole: boolean;
  readonly facts: TranscriptFacts;
  readonly worked: WorkedTime;
  readonly failure: Failure | undefined;
  readonly reports: readonly AcceptedReport[];
  /** When its first and its last entry were written, in ms. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly sessionId: string | undefined;
  /** The answers of the model in it, by the ids that another transcript may repeat. */
  readonly messageIds: ReadonlySet<string>;
  /** What the client calls the agent. */
  agentType(): string | undefined;
  /** Whether each folder that the run was at work in is this one or below, by their real paths. */
  isWithin(root: string): boolean;
}

interface Options {
  /** The run's id with the client; without one the transcript is of the main conversation. */
  readonly key?: string | undefined;
  /** The ids of answers that belong to another transcript, and are only repeated here. */
  readonly elsewhere?: ReadonlySet<string>;
}

/** A subagent's transcript rarely has a megabyte, and is read whole. One may have hundreds: then it is read at its ends. */
export const WHOLE_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 256 * 1024;

/**
 * The run's own transcript, of Claude Code or of Codex, within the time that a hook has. `undefined` if none is found:
 * the path may be missing, or lead to another's. What cannot be read in it is left out.
 */
export function readTranscript(
  path: string,
  options: Options & { limitBytes?: number },
): TranscriptReading | undefined {
  const lines = transcriptLines(path, options);
  const isWhole = withClientFile(path, (file) => {
    const whole = file.size <= (options.limitBytes ?? WHOLE_BYTES);
    if (whole) addBytes(lines, bytesAt(file, 0, file.size));
    else addEnds(lines, file);
    return whole;
  });
  return isWhole === undefined ? undefined : readingOf(path, lines, isWhole);
}

/** The whole transcript, however long it is; `undefined` also once the signal has come. */
export async function readWholeTranscript(
  path: string,
  options: Options & { signal?: AbortSignal },
): Promise<TranscriptReading | undefined> {
  const file = openClientFile(path);
  if (file === undefined) return undefined;
  const lines = transcriptLines(path, options);
  try {
    if (!(await addAll(lines, file, options.signal))) return undefined;
  } finally {
    closeClientFile(file);
  }
  return readingOf(path, lines, true);
}

const PIECE_BYTES = 1024 * 1024;
const readPiece = promisify(read);

async function addAll(
  transcript: TranscriptLines,
  file: ClientFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const lines = new Lines((line) => transcript.add(line));
  const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, file.size));
  for (let at = 0; at < file.size; ) {
    if (signal?.aborted === true) return false;
    const length = Math.min(buffer.length, file.size - at);
    const { bytesRead } = await readPiece(file.fd, buffer, 0, length, at).catch(() => ({ bytesRead: 0 }));
    if (bytesRead === 0) break;
    lines.add(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  lines.end();
  return true;
}

function addBytes(transcript: TranscriptLines, bytes: Buffer): void {
  const lines = new Lines((line) => transcript.add(line));
  lines.add(bytes);
  lines.end();
}

/** The first and the last bytes, in whole lines. */
function addEnds(transcript: TranscriptLines, file: ClientFile): void {
  const head = bytesAt(file, 0, HEAD_BYTES);
  addBytes(transcript, head.subarray(0, head.lastIndexOf("\n") + 1));
  transcript.leaveOut();
  const tail = bytesAt(file, file.size - TAIL_BYTES, TAIL_BYTES);
  addBytes(transcript, tail.subarray(tail.indexOf("\n") + 1));
}

function transcriptLines(path: string, { elsewhere = new Set(), key }: Options): TranscriptLines {
  const name = basename(path);
  const isNamed = key !== undefined && (name === `agent-${key}.jsonl` || name.endsWith(`-${key}.jsonl`));
  return new TranscriptLines({ key, isNamed, elsewhere, steps: undefined });
}

function readingOf(path: string, lines: TranscriptLines, isWhole: boolean): TranscriptReading | undefined {
  const { client, isOwn, messageIds, record } = lines.reader;
  if (!isOwn) return undefined;
  const bill = lines.reader.bill();
  return {
    client,
    isWhole,
    facts: {
      client,
      ...(!record.isUnderstood ? {} : isWhole ? { ...record.facts(), ...bill.facts() } : record.factsOfEnd()),
    },
    worked: record.clock.worked(),
    failure: record.failure,
    reports: record.reports.all,
    startedAt: record.clock.startedAt,
    endedAt: record.clock.endedAt,
    sessionId: record.sessionId,
    messageIds,
    agentType: () => typeBeside(path) ?? record.agentType,
    isWithin: (root) => record.folders.areWithin(root),
  };
}

const metaSchema = z.object({ agentType: z.string() });
const LONGEST_META = 64 * 1024;

/** Newer clients put a file beside the transcript that says of what type the agent is. */
function typeBeside(path: string): string | undefined {
  if (!path.endsWith(".jsonl")) return undefined;
  const meta = withClientFile(path.replace(/\.jsonl$/, ".meta.json"), (file) => bytesAt(file, 0, LONGEST_META));
  return metaSchema.safeParse(parseJson(meta?.toString("utf8") ?? "")).data?.agentType;
}
