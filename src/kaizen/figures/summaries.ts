import type { AgentName } from "../../domain/run/agent-name.ts";
import { type ExecutionFilter, isEmptyFilter } from "../../domain/run/filter.ts";
import type { KaizenOptions } from "../base/options.ts";
import { AgentStats } from "./agent-stats.ts";
import { type AgentSummary, readOut } from "./agent-summary.ts";
import type { ObservedByHooks } from "./coverage.ts";
import { SeenFigures } from "./seen-figures.ts";

/** The figures of agents, and what stands beside their claims. */
export class Summaries {
  readonly #options: Pick<KaizenOptions, "store" | "now">;
  readonly #observed: ObservedByHooks;
  readonly #seen: SeenFigures;
  readonly #stats = new AgentStats();

  constructor(options: Pick<KaizenOptions, "store" | "now">, observed: ObservedByHooks) {
    this.#options = options;
    this.#observed = observed;
    this.#seen = new SeenFigures(options.store);
  }

  /** Over all live runs of an agent, or those that a filter picks. */
  async of(agent: AgentName, filter: ExecutionFilter): Promise<AgentSummary> {
    const { now, store } = this.#options;
    const { coverage, overview } = await this.#observed.beside(agent, await store.runs.overview(agent, filter));
    const found = await store.evidence.overview(agent);
    const all = { ...overview, unreadable: overview.unreadable + (found?.unreadable ?? 0) };
    // Neither hooks nor transcripts know what a filter picks by.
    if (!isEmptyFilter(filter)) return readOut(agent, all, {});
    const evidence = await this.#seen.of(agent, found, now());
    return readOut(agent, all, { coverage, evidence, stats: this.#stats.of(agent, all) });
  }
}
