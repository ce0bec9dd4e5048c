import { type AgentName, parseAgentName } from "../../domain/run/agent-name.ts";
import { KaizenError } from "../../errors.ts";
import type { DryRunOption, Moved, Moving, Store } from "../../storage/store.ts";
import type { AgentLists } from "./agent-lists.ts";

/** Giving all that is kept of an agent another name, and removing it. No tool that an agent has does either. */
export class AgentMoves {
  readonly #store: Store;
  readonly #lists: AgentLists;

  constructor(store: Store, lists: AgentLists) {
    this.#store = store;
    this.#lists = lists;
  }

  /** Gives an agent that is there a name that none has. Both names in the form of the store. */
  async rename(from: AgentName, into: string, options: DryRunOption = {}): Promise<Moved> {
    const name = parseAgentName(into);
    const taken = (await this.#lists.names(name)).find((other) => other !== from);
    if (taken !== undefined || name === from) {
      throw new KaizenError("INVALID_ARGUMENT", `There is an agent ${JSON.stringify(taken ?? from)} already.`, {
        hint: "kaizen-metrics agents merge FROM INTO joins two agents.",
      });
    }
    const moving = this.#engine();
    return moving.move(from, name, options);
  }

  /** Gives everything of an agent to another one that is there. */
  async merge(from: AgentName, into: AgentName, options: DryRunOption = {}): Promise<Moved> {
    if (from === into) {
      throw new KaizenError("INVALID_ARGUMENT", "An agent is not merged with itself.", { hint: "Name two agents." });
    }
    const moving = this.#engine();
    return moving.move(from, into, options);
  }

  /** Removes everything of an agent. That cannot be undone. */
  async remove(agent: AgentName, options: DryRunOption = {}): Promise<Moved> {
    const moving = this.#engine();
    return moving.remove(agent, options);
  }

  #engine(): Moving {
    const { moving } = this.#store;
    if (moving !== undefined) return moving;
    throw new KaizenError("NOT_SUPPORTED", "This store cannot move what is kept of an agent.", {
      hint: "Move it with the tools of its database.",
    });
  }
}
