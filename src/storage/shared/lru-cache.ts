import type { AgentName } from "../../domain/run/agent-name.ts";

/** What this process knows of one agent's files, and works on in turns. */
export interface Busy {
  /** Whether no work is under way, nor waiting. */
  readonly isIdle: boolean;
  /** Resolves when the work asked for up to now is over. */
  settled(): Promise<void>;
}

/** How many agents this process keeps in mind. What was forgotten is read again, from its checkpoint on. */
const KNOWN_AGENTS = 1024;

/** What this process has in mind of the agents that it was asked about last. */
export class LruCache<T extends Busy> {
  readonly #open: (agent: AgentName, folder: string) => T;
  readonly #folderOf: (agent: AgentName) => string;
  /** By folder, for the folder of an agent may be spelled in another way later; in the order of their last use. */
  readonly #known = new Map<string, T>();

  constructor(open: (agent: AgentName, folder: string) => T, folderOf: (agent: AgentName) => string) {
    this.#open = open;
    this.#folderOf = folderOf;
  }

  get(agent: AgentName): T {
    const folder = this.#folderOf(agent);
    const meant = this.#known.get(folder) ?? this.#open(agent, folder);
    this.#known.delete(folder);
    this.#known.set(folder, meant);
    for (const [name, known] of this.#known) {
      if (this.#known.size <= KNOWN_AGENTS) break;
      if (known.isIdle && known !== meant) this.#known.delete(name);
    }
    return meant;
  }

  /** Waits for the work under way, and forgets everything. */
  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map((known) => known.settled()));
    this.#known.clear();
  }
}
