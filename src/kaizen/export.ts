import { adr004Files } from "../adr004/catalogue.ts";
import { ContentCounts, contentHash } from "../adr004/content-counts.ts";
import type { RunEvidence } from "../domain/evidence/evidence.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import type { ExecutionFilter } from "../domain/run/filter.ts";
import type { ScannedRun, Store } from "../storage/store.ts";
import type { UnreadAgent } from "./agents/agent-lists.ts";
import { isOfWholeStore } from "./base/among-latest.ts";

export { digitsIn, namedText } from "../adr004/read-lines.ts";
export type { ScannedRun } from "../storage/store.ts";

const { agent: ofAgent, optimizer: ofOptimizer } = adr004Files;
const recordFiles = {
  runs: ofAgent.journals.log.name,
  checks: ofAgent.journals.verifications.name,
  lifecycle: ofAgent.journals.lifecycle.name,
  evidence: ofAgent.journals.evidence.name,
  voided: ofAgent.journals.voided.name,
  entries: ofOptimizer.journals.recommendations.name,
  events: ofOptimizer.journals.recommendationEvents.name,
  report: ofOptimizer.documents.analysis.name,
} as const;

/** The file of a store's folder that records of one kind stand in. */
export function recordFile(kind: keyof typeof recordFiles): string {
  return recordFiles[kind];
}

/** Some runs of one agent, one after the other. */
export interface RunsOfAgent {
  readonly agent: AgentName;
  readonly runs: readonly ScannedRun[];
  /** What is known of the agent's last 1,000 runs beyond their claims, by the client's own id of each. */
  readonly evidence: ReadonlyMap<string, RunEvidence>;
}

/** What is known of a run beyond its claim. */
export function evidenceOf(run: ScannedRun, { evidence }: Pick<RunsOfAgent, "evidence">): RunEvidence | undefined {
  const { idempotency_key: key } = run.execution.record;
  return typeof key === "string" ? evidence.get(key) : undefined;
}

/** Told of an agent whose runs could not be read, or not to their end. */
export type OnUnread = (unread: UnreadAgent) => void;

/**
 * The runs of several agents, one agent after the other, each from its oldest run on. An agent that cannot be read ends
 * it, unless there is an `onUnread` to be told.
 */
export async function* scanAgents(
  store: Pick<Store, "runs" | "evidence">,
  agents: readonly AgentName[],
  filter: ExecutionFilter,
  onUnread?: OnUnread,
): AsyncGenerator<RunsOfAgent> {
  for (const agent of agents) {
    try {
      const evidence = (await store.evidence.overview(agent))?.seen.recent ?? new Map<string, RunEvidence>();
      for await (const runs of store.runs.scan(agent, filter)) yield { agent, runs, evidence };
    } catch (error) {
      if (onUnread === undefined || isOfWholeStore(error)) throw error;
      onUnread({ agent, error });
    }
  }
}

/**
 * Names each run that is handed over by its agent, by what it says and by how many before it say the same: no two share a
 * name, and each has the same one whenever and wherever it is walked over, for runs that say the same are of the same
 * time, and so pass a filter together or not at all.
 */
export class RunNames {
  #agent: string | undefined;
  #counts = new ContentCounts();

  next(agent: string, run: ScannedRun): string {
    if (agent !== this.#agent) this.#counts = new ContentCounts();
    this.#agent = agent;
    // By content, so that the spelling does not matter.
    const content = contentHash(run.execution.record);
    return JSON.stringify([agent, ...content, this.#counts.add(content)]);
  }
}
