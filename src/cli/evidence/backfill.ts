import { allFlags, type RunEvidence } from "../../domain/evidence/evidence.ts";
import { LONGEST_RUN_MS } from "../../domain/evidence/overlapping.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { KEPT_SEEN_RUNS } from "../../domain/run/runs-by-key.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { readWholeTranscript, type TranscriptReading } from "../../evidence/transcript/transcript.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { FoundFacts } from "../../kaizen/verification/evidence.ts";
import type { PastRun } from "./past-runs.ts";

/** A client writes nothing while a command runs; what was written to later than this may not have ended. */
const AT_WORK_MS = 600_000;

/** Why a transcript was left out. */
export const leftOutReasons = ["other_project", "at_work", "unreadable", "unnamed", "expired", "too_many"] as const;

type LeftOut = (typeof leftOutReasons)[number];

export interface Backfilled {
  /** How many runs of each agent were added. */
  readonly added: ReadonlyMap<AgentName, number>;
  /** Whose facts were known before. */
  readonly known: number;
  readonly left: Readonly<Record<LeftOut, number>>;
}

export interface BackfillOptions {
  /** The project's real path. */
  readonly root: string;
  /** In ms. */
  readonly now: number;
  onProgress(bytes: number, total: number): void;
}

/** What was read of a run, and when it began, in ms. */
interface ReadRun {
  readonly agent: AgentName;
  readonly startedAt: number;
  readonly facts: FoundFacts;
}

/** Keeps the facts of past runs, each once: their outcomes stay unknown. The runs are given newest first. */
export async function backfill(
  kaizen: Kaizen,
  runs: readonly PastRun[],
  { now, onProgress, root }: BackfillOptions,
): Promise<Backfilled> {
  const total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  const seen = await kaizen.evidence.lastRuns(Number.NEGATIVE_INFINITY);
  const taking = new Taking(kaizen, root, now, new Map(seen.map((one) => [one.key, one.run])));
  let [done, known] = [0, 0];
  for (const run of runs) {
    onProgress(done, total);
    done += run.bytes;
    if ((await taking.take(run)) === "known") known += 1;
  }
  onProgress(total, total);
  const added = new Map<AgentName, number>();
  // In the order in which they began: of many runs the store knows those one by one that were added last.
  for (const { agent, facts } of taking.read.sort((a, b) => a.startedAt - b.startedAt)) {
    await kaizen.evidence.note(agent, facts);
    added.set(agent, (added.get(agent) ?? 0) + 1);
  }
  return { added, known, left: taking.left };
}

/** Reads one transcript after the other, and takes what is of the project and new. */
class Taking {
  readonly read: ReadRun[] = [];
  readonly left: Record<LeftOut, number> = {
    other_project: 0,
    at_work: 0,
    unreadable: 0,
    unnamed: 0,
    expired: 0,
    too_many: 0,
  };
  readonly #kaizen: Kaizen;
  readonly #root: string;
  readonly #now: number;
  /** The last runs of the latest agents, by key. */
  readonly #seen: ReadonlyMap<string, RunEvidence>;
  readonly #taken = new Set<string>();
  /** By agent: the runs that are known one by one, and how many new ones there are. */
  readonly #known = new Map<AgentName, ReadonlyMap<string, RunEvidence>>();
  readonly #added = new Map<AgentName, number>();

  constructor(kaizen: Kaizen, root: string, now: number, seen: ReadonlyMap<string, RunEvidence>) {
    this.#kaizen = kaizen;
    this.#root = root;
    this.#now = now;
    this.#seen = seen;
  }

  async take({ changedAt, key, path }: PastRun): Promise<"known" | "taken" | LeftOut> {
    const before = this.#seen.get(key);
    if (this.#taken.has(key) || isRead(before)) return "known";
    if (this.#isAtWork(before, changedAt)) return this.#leave("at_work");
    const reading = await readWholeTranscript(path, { key });
    if (reading?.startedAt === undefined || reading.endedAt === undefined) return this.#leave("unreadable");
    if (!reading.isWithin(this.#root)) return this.#leave("other_project");
    const agent = await this.#kaizen.agentOfType(reading.agentType() ?? "");
    if (agent === undefined) return this.#leave("unnamed");
    if (!this.#kaizen.evidence.isLive(reading.startedAt)) return this.#leave("expired");
    const known = await this.#knownOf(agent);
    const run = known.get(key);
    // Of an agent that is not among the latest ones.
    if (isRead(run)) return "known";
    const added = this.#added.get(agent) ?? 0;
    if (run === undefined && known.size + added >= KEPT_SEEN_RUNS) return this.#leave("too_many");
    if (run === undefined) this.#added.set(agent, added + 1);
    this.#taken.add(key);
    this.read.push({ agent, startedAt: reading.startedAt, facts: factsOf(key, reading, run) });
    return "taken";
  }

  #leave(why: LeftOut): LeftOut {
    this.left[why] += 1;
    return why;
  }

  /** By what hooks saw; without them by when its transcript was last written to. */
  #isAtWork(run: RunEvidence | undefined, changedAt: number): boolean {
    if (run?.endedAt !== undefined) return false;
    const since = run === undefined ? changedAt + AT_WORK_MS : run.firstSeenAt + LONGEST_RUN_MS;
    return this.#now < since;
  }

  async #knownOf(agent: AgentName): Promise<ReadonlyMap<string, RunEvidence>> {
    const known =
      this.#known.get(agent) ??
      (await this.#kaizen.evidence.overview(agent))?.seen.recent ??
      new Map<string, RunEvidence>();
    this.#known.set(agent, known);
    return known;
  }
}

function isRead(run: RunEvidence | undefined): boolean {
  return run?.facts.tools !== undefined;
}

function factsOf(key: string, reading: TranscriptReading, known: RunEvidence | undefined): FoundFacts {
  const { endedAt = 0, facts, startedAt = 0 } = reading;
  const flags = allFlags(known?.facts.flags, facts.flags);
  return {
    key,
    ...(known === undefined ? { backfilled: true } : {}),
    first_seen: formatInstant(startedAt),
    ...(known?.endedAt === undefined ? { ended: formatInstant(endedAt) } : {}),
    ...facts,
    ...(flags.length === 0 ? {} : { flags }),
  };
}
