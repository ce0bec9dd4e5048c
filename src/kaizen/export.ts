import type { AgentName } from "../domain/agent-name.ts";
import type { ExecutionFilter } from "../domain/filter.ts";
import { ContentCounts, type ContentHash, contentHash } from "../storage/content-counts.ts";
import type { Store, WalkedRun } from "../storage/store.ts";

export { digitsIn, namedText } from "../storage/foreign-lines.ts";
export type { WalkedRun } from "../storage/store.ts";

/** The runs of one agent, some at a time; the next ones come once these have been dealt with. */
export type UseRuns = (agent: AgentName, runs: readonly WalkedRun[]) => Promise<void>;

/** Hands over the runs of several agents, one agent after the other, each from its oldest run on. */
export async function walkAgents(
  store: Store,
  agents: readonly AgentName[],
  filter: ExecutionFilter,
  use: UseRuns,
): Promise<void> {
  for (const agent of agents) await store.executions.walk(agent, filter, (runs) => use(agent, runs));
}

/**
 * Names each run that is handed over by its agent, by what it says and by how many before it say the same: no two share a
 * name, and each has the same one whenever and wherever it is walked over, for runs that say the same are of the same
 * time, and so pass a filter together or not at all.
 */
export class RunNames {
  #agent: string | undefined;
  #counts = new ContentCounts();

  next(agent: string, run: WalkedRun): string {
    if (agent !== this.#agent) this.#counts = new ContentCounts();
    this.#agent = agent;
    const content = hashOf(run);
    return JSON.stringify([agent, ...content, this.#counts.add(content)]);
  }
}

/** By content, so that the spelling does not matter; of what is nested too deeply for that, by the text. */
function hashOf({ execution, text }: WalkedRun): ContentHash {
  try {
    return contentHash(execution.record);
  } catch (error) {
    if (error instanceof RangeError) return contentHash({ text });
    throw error;
  }
}
