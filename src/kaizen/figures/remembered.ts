import type { AgentName } from "../../domain/run/agent-name.ts";

/** So many agents are remembered: those that were asked for last. */
const REMEMBERED_AGENTS = 500;

/** One thing of each agent, for as long as there are not too many of them. */
export class Remembered<T> {
  readonly #byAgent = new Map<AgentName, T>();

  get(agent: AgentName): T | undefined {
    return this.#byAgent.get(agent);
  }

  set(agent: AgentName, one: T): void {
    this.#byAgent.delete(agent);
    this.#byAgent.set(agent, one);
    for (const first of this.#byAgent.keys()) {
      if (this.#byAgent.size <= REMEMBERED_AGENTS) return;
      this.#byAgent.delete(first);
    }
  }
}
