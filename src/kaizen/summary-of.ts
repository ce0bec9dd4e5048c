import type { AgentName } from "../domain/run/agent-name.ts";
import { type ExecutionFilter, isEmptyFilter } from "../domain/run/filter.ts";
import type { Store } from "../storage/store.ts";
import { type AgentSummary, readOut } from "./agent-summary.ts";
import type { ObservedByHooks } from "./coverage.ts";
import { seenFigures } from "./seen-figures.ts";

/** The figures of one agent, over all live runs or those that a filter picks, and what stands beside its claims. */
export async function summaryOf(
  store: Pick<Store, "runs" | "evidence">,
  observed: ObservedByHooks,
  agent: AgentName,
  filter: ExecutionFilter,
  now: number,
): Promise<AgentSummary> {
  const { coverage, overview } = await observed.beside(agent, await store.runs.overview(agent, filter));
  const found = await store.evidence.overview(agent);
  const all = { ...overview, unreadable: overview.unreadable + (found?.unreadable ?? 0) };
  // Neither hooks nor transcripts know what a filter picks by.
  if (!isEmptyFilter(filter)) return readOut(agent, all, {});
  return readOut(agent, all, { coverage, evidence: await seenFigures(store, agent, found, now) });
}
