import type { NewLifecycleEvent, ObservedRun } from "../../../domain/coverage/lifecycle-event.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";

/** The events of hooks, as their port has them: there an event is observed, which is to note it. */
export function observing<T extends { note(agent: AgentName, event: NewLifecycleEvent): Promise<ObservedRun> }>(
  events: T,
): T & { observe: T["note"] } {
  return Object.assign(events, { observe: (agent: AgentName, event: NewLifecycleEvent) => events.note(agent, event) });
}
