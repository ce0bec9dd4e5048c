import type { RunEvidence } from "../../domain/evidence/evidence.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { readWholeTranscript, type TranscriptReading } from "../../evidence/transcript/transcript.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { PastRun } from "./past-runs.ts";

/** Of each agent so many runs are known one by one: older ones could not be told from new ones the next time. */
const MOST_OF_AGENT = 1_000;

export interface Backfilled {
  /** How many runs of each agent were added. */
  readonly added: ReadonlyMap<AgentName, number>;
  /** Whose facts were known before. */
  readonly known: number;
  /** What was left out, and why. */
  readonly left: {
    readonly otherProject: number;
    readonly unreadable: number;
    readonly unnamed: number;
    readonly expired: number;
    readonly tooMany: number;
  };
}

/** Keeps the facts of past runs, newest first, each once: their outcomes stay unknown. */
export async function backfill(
  kaizen: Kaizen,
  root: string,
  runs: readonly PastRun[],
  onProgress: (bytes: number, total: number) => void,
): Promise<Backfilled> {
  const total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  const before = await knownRuns(kaizen);
  const added = new Map<AgentName, number>();
  const left = { otherProject: 0, unreadable: 0, unnamed: 0, expired: 0, tooMany: 0 };
  let [done, known] = [0, 0];
  for (const { bytes, key, path } of runs) {
    onProgress(done, total);
    done += bytes;
    if (before.has(key)) {
      known += 1;
      continue;
    }
    const reading = await readWholeTranscript(path, { key });
    const agent = reading === undefined ? undefined : await kaizen.agentOfType(reading.agentType() ?? "");
    const why = reading === undefined ? "unreadable" : whyLeft(kaizen, reading, agent, root, added);
    if (why !== undefined || reading === undefined || agent === undefined) left[why ?? "unnamed"] += 1;
    else {
      await keep(kaizen, agent, key, reading);
      added.set(agent, (added.get(agent) ?? 0) + 1);
    }
  }
  onProgress(total, total);
  return { added, known, left };
}

/** The keys of runs whose transcripts were read. */
async function knownRuns(kaizen: Kaizen): Promise<Set<string>> {
  const isRead = ({ facts }: RunEvidence) => facts.tools !== undefined;
  const runs = await kaizen.evidence.lastRuns(Number.NEGATIVE_INFINITY);
  return new Set(runs.flatMap(({ key, run }) => (isRead(run) ? [key] : [])));
}

function whyLeft(
  kaizen: Kaizen,
  reading: TranscriptReading,
  agent: AgentName | undefined,
  root: string,
  added: ReadonlyMap<AgentName, number>,
): keyof Backfilled["left"] | undefined {
  if (!reading.isWithin(root)) return "otherProject";
  if (reading.startedAt === undefined || reading.endedAt === undefined) return "unreadable";
  if (agent === undefined) return "unnamed";
  if (!kaizen.evidence.isLive(reading.startedAt)) return "expired";
  return (added.get(agent) ?? 0) >= MOST_OF_AGENT ? "tooMany" : undefined;
}

async function keep(kaizen: Kaizen, agent: AgentName, key: string, reading: TranscriptReading): Promise<void> {
  const { endedAt = 0, facts, startedAt = 0, worked } = reading;
  await kaizen.evidence.note(agent, {
    key,
    backfilled: true,
    first_seen: formatInstant(startedAt),
    ended: formatInstant(endedAt),
    ...(typeof worked === "number" ? { duration_s: worked / 1000 } : {}),
    ...facts,
  });
}
