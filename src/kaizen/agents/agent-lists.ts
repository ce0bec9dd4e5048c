import type { Recommendation } from "../../domain/coaching/recommendation.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { byCodePoint } from "../../domain/text/code-point-order.ts";
import type { Store } from "../../storage/store.ts";
import { isOfWholeStore } from "../base/among-latest.ts";
import { type AgentOrder, type AgentSummary, agentOrders } from "../figures/agent-summary.ts";

/** An agent of which something cannot be read, and why: a `KaizenError`, or a fault of ours. It hides no other agent. */
export interface UnreadAgent {
  readonly agent: AgentName;
  readonly error: unknown;
}

export interface ReadAgents {
  readonly agents: readonly AgentSummary[];
  readonly unread: readonly UnreadAgent[];
}

/** Some agents of many, for who shows only a few. */
export interface LatestAgents {
  readonly agents: readonly AgentSummary[];
  /** The agents that could not be read. */
  readonly unread: readonly AgentName[];
  /** How many there are besides, of which nothing was read. */
  readonly further: number;
}

/** What a conversation is told when it begins. */
export interface SessionFacts extends LatestAgents {
  /** Advice that is proposed and not on trial, oldest first; `undefined` if it cannot be read. */
  readonly undecided: readonly Recommendation[] | undefined;
}

export interface AgentListsOptions {
  readonly store: Pick<Store, "runs" | "lifecycle" | "evidence" | "files">;
  readonly summaryOf: (agent: AgentName) => Promise<AgentSummary>;
}

/** Lists of agents. What is wrong with one agent's files keeps no other from being listed. */
export class AgentLists {
  readonly #options: AgentListsOptions;

  constructor(options: AgentListsOptions) {
    this.#options = options;
  }

  /** The names of every agent that was heard of, or of those that differ from a name in case or spelling at most. */
  async names(like?: string): Promise<AgentName[]> {
    const { evidence, lifecycle, runs } = this.#options.store;
    const listed = [
      ...(await runs.listAgents({ like })),
      ...(await lifecycle.listAgents({ like })),
      ...(await evidence.listAgents({ like })),
    ];
    return [...new Set(listed.map(({ name }) => name))].sort(byCodePoint);
  }

  /** Agents that have no name there, because a link or the like stands in the place of their files. */
  async unsafe(): Promise<AgentName[]> {
    return (await this.#options.store.files?.unsafeAgents()) ?? [];
  }

  /** Every agent; among those that cannot be read also the ones that a link or the like keeps from having a name here. */
  async all(order: AgentOrder, summaryOf = this.#options.summaryOf): Promise<ReadAgents> {
    const names = [...(await this.names()), ...(await this.unsafe())];
    const { agents, unread } = await readEach([...new Set(names)].sort(byCodePoint), summaryOf);
    return { agents: agents.sort(agentOrders[order]), unread };
  }

  /**
   * So many agents at most: those that are `preferred`, then those whose files have changed last. Opens no other's files.
   * `times`: then those that were at work last by the times of their runs, which costs a look into each log.
   */
  async latest(
    limit: number,
    preferred: ReadonlySet<string>,
    { times = false }: { readonly times?: boolean } = {},
  ): Promise<LatestAgents> {
    const { evidence, lifecycle, runs } = this.#options.store;
    const changes = new Map<AgentName, number | undefined>();
    for (const listed of [
      await lifecycle.listAgents(),
      await evidence.listAgents(),
      await runs.listAgents({ times }),
    ]) {
      for (const { name, lastChange, lastRun } of listed) {
        // An import writes in its own order what happened in another.
        const at = lastChange === undefined ? undefined : (lastRun ?? lastChange);
        changes.set(name, at === undefined ? undefined : Math.max(at, changes.get(name) ?? at));
      }
    }
    for (const name of await this.unsafe()) changes.set(name, undefined);
    const unreadable = [...changes].flatMap(([agent, at]) => (at === undefined ? agent : []));
    const rank = (agent: AgentName) => (preferred.has(agent) ? 0 : 1);
    const chosen = [...changes]
      .flatMap(([agent, at]) => (at === undefined ? [] : { agent, at }))
      .sort((a, b) => rank(a.agent) - rank(b.agent) || b.at - a.at || byCodePoint(a.agent, b.agent))
      .slice(0, limit)
      .map(({ agent }) => agent);
    const { agents, unread } = await readEach(chosen.sort(byCodePoint), this.#options.summaryOf);
    return {
      agents: agents.sort(agentOrders.last_execution),
      unread: [...unreadable, ...unread.map(({ agent }) => agent)].sort(byCodePoint),
      further: changes.size - unreadable.length - chosen.length,
    };
  }
}

async function readEach(names: readonly AgentName[], summaryOf: (agent: AgentName) => Promise<AgentSummary>) {
  const agents: AgentSummary[] = [];
  const unread: UnreadAgent[] = [];
  for (const agent of names) {
    try {
      agents.push(await summaryOf(agent));
    } catch (error) {
      if (isOfWholeStore(error)) throw error;
      unread.push({ agent, error });
    }
  }
  return { agents, unread };
}
