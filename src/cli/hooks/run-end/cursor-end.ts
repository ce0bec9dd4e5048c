import { bytesAt, withClientFile } from "../../../evidence/transcript/client-file.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";
import { agentTypeOf, type Payload, runKeyOf } from "../payload/payload.ts";
import type { FinishedRun } from "./run-facts.ts";

/** The task stands at the beginning of a transcript, behind what the client says to each of its subagents. */
const HEAD_BYTES = 256 * 1024;
const MOST_KEYS = 10;

/**
 * Which run of Cursor has ended. No id says it, but the task does: it begins with the brief, and that names the key. If
 * no hook saw the run begin, the key is made of what the client says of its end, and only that is known.
 */
export async function runAtEnd(kaizen: Kaizen, payload: Payload): Promise<FinishedRun | undefined> {
  const [own, type] = [runKeyOf(payload), agentTypeOf(payload)];
  const agent = type === undefined ? undefined : await kaizen.agentOfType(type);
  if (own === undefined || agent === undefined) return undefined;
  for (const key of [own, ...keysIn(payload)]) {
    const found = await kaizen.findObservedRun(key, agent);
    if (found !== undefined) return { ...found, key };
  }
  return { agent, key: own, run: undefined };
}

function keysIn({ agent_transcript_path: path, sent }: Payload): string[] {
  const head = path === undefined ? undefined : withClientFile(path, (file) => bytesAt(file, 0, HEAD_BYTES));
  const told = `${typeof sent.task === "string" ? sent.task : ""}\n${head?.toString("utf8") ?? ""}`;
  // In a transcript of JSON the quotes have backslashes.
  const named = [...told.matchAll(/idempotency_key \\?"(cursor-[0-9a-f]{20})\\?"/g)].map((match) => match[1] ?? "");
  return [...new Set(named)].slice(0, MOST_KEYS);
}
