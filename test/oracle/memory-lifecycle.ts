import {
  isSameRun,
  type NewLifecycleEvent,
  type ObservedRun,
  withLifecycleEvent,
} from "../../src/domain/coverage/lifecycle-event.ts";
import type { ObservedRuns } from "../../src/domain/coverage/observed-runs.ts";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { LifecycleStore } from "../../src/storage/store.ts";
import { MemoryRunEvents } from "./memory-run-events.ts";
import type { MemoryAgentsOptions } from "./memory-runs.ts";

/** What hooks saw. */
export class MemoryLifecycle
  extends MemoryRunEvents<NewLifecycleEvent, ObservedRun, ObservedRuns>
  implements LifecycleStore
{
  constructor(options: MemoryAgentsOptions) {
    super(options, { withEvent: withLifecycleEvent, isSame: isSameRun }, viewOf);
  }

  observe(agent: AgentName, event: NewLifecycleEvent): Promise<ObservedRun> {
    return this.note(agent, event);
  }
}

function viewOf(runs: ReadonlyMap<string, ObservedRun>): ObservedRuns {
  const live = [...runs];
  const count = (isMeant: (run: ObservedRun) => boolean) => live.filter(([, run]) => isMeant(run)).length;
  return {
    started: live.length,
    ended: count((run) => run.ended),
    reported: count((run) => run.reported),
    unreported: live.flatMap(([key, run]) => (run.reported ? [] : [key])),
    open: live.flatMap(([, run]) => (run.ended ? [] : [run.firstSeenAt])),
    assigned: new Map(live.flatMap(([key, { assigned }]) => (assigned === undefined ? [] : [[key, assigned]]))),
  };
}
