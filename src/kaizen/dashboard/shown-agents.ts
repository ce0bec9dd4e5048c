import type { AgentName } from "../../domain/run/agent-name.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { NAME_CHARACTERS } from "./agent-row.ts";

/** So many agents that were shown are known again. */
const KEPT = 200;

/** Agents that a page shows: by a run of each it is known what has become of one that is there no more. */
export class ShownAgents {
  readonly #lastRuns = new Map<AgentName, string | undefined>();
  readonly #agentOf: (run: string) => Promise<AgentName | undefined>;

  constructor(agentOf: (run: string) => Promise<AgentName | undefined>) {
    this.#agentOf = agentOf;
  }

  /** Notes the last of an agent's runs. */
  note(agent: AgentName, runs: readonly { readonly id: string }[]): void {
    this.#lastRuns.delete(agent);
    this.#lastRuns.set(agent, runs.at(-1)?.id);
    for (const oldest of [...this.#lastRuns.keys()].slice(0, -KEPT)) this.#lastRuns.delete(oldest);
  }

  /** Whose the runs of an agent that is not there are now, or that it has gone; `undefined` if it was never shown. */
  async whatBecameOf(agent: AgentName): Promise<string | undefined> {
    if (!this.#lastRuns.has(agent)) return undefined;
    const run = this.#lastRuns.get(agent);
    const other = run === undefined ? undefined : await this.#agentOf(run);
    if (other === undefined) return `${quoted(agent)} is not on record any more.`;
    return `The runs of ${quoted(agent)} are on record for ${quoted(other)} now.`;
  }
}

function quoted(agent: AgentName): string {
  return JSON.stringify(plainLine(agent, NAME_CHARACTERS));
}
