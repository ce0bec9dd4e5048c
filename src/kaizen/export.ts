import type { AgentName } from "../domain/agent-name.ts";
import type { ExecutionFilter } from "../domain/filter.ts";
import type { Store, WalkedRun } from "../storage/store.ts";

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
