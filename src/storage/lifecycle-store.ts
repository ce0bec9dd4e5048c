import type { NewLifecycleEvent, ObservedRun } from "../domain/coverage/lifecycle-event.ts";
import type { ObservedRuns } from "../domain/coverage/observed-runs.ts";
import type { AgentName } from "../domain/run/agent-name.ts";

/**
 * What hooks of a client saw of runs, whether or not anybody reported them. It stands beside the runs, and makes none:
 *
 * 1. A lifecycle event that was acknowledged stays until retention drops its run: through a crash, through any number of
 *    processes.
 * 2. A run is counted once, however often and by however many processes it is seen, as long as no thousand other runs of
 *    its agent were first seen since.
 * 3. That a run has ended, and that a report of it was seen, is never taken back. An end of which no beginning was seen
 *    counts for both.
 * 4. Runs expire with the whole UTC day on which they were first seen, and count in no answer from then on; one that is
 *    seen again after that is another.
 * 5. Reading takes no lock, writes nothing, and does not read the history. A line that cannot be read is counted, and
 *    hides no other; what is no plain file at all counts as one such line in an overview.
 *
 * Errors are those of `ExecutionStore`.
 */
export interface LifecycleStore {
  /** Keeps what was seen. What says nothing new is acknowledged as well. Gives all that is known of the run now. */
  observe(agent: AgentName, event: NewLifecycleEvent): Promise<ObservedRun>;

  /** What is live, or `undefined` where nothing of the agent was ever seen. */
  overview(agent: AgentName): Promise<LifecycleOverview | undefined>;

  /** What is known of one of the last runs, unless it has expired. */
  find(agent: AgentName, key: string): Promise<ObservedRun | undefined>;

  /** Every agent of which anything was ever seen, by name in code point order; otherwise as for runs. */
  listAgents(like?: string): Promise<AgentName[]>;

  /** When anything was last noted of each of these; as for runs. */
  lastChanges(): Promise<ReadonlyMap<AgentName, number | undefined>>;

  /** A text that differs once anything new was seen of an agent, or without a name of any; as for runs. */
  changeToken(agent?: AgentName): Promise<string>;

  /** Waits for calls under way. Later calls fail with `CLOSED`. Closing again is harmless. */
  close(): Promise<void>;
}

export interface LifecycleOverview {
  readonly seen: ObservedRuns;
  readonly damagedLines: number;
}
