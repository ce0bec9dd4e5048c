import { computeStats, type Stats, type StatsInput } from "../../domain/figures/stats.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { Remembered } from "./remembered.ts";

/**
 * The figures of agents. To look for changes in 200 runs takes longer than to read what they are, and a page that shows
 * all agents asks again whenever one of them has recorded: figures of the same runs are worked out once.
 */
export class AgentStats {
  readonly #remembered = new Remembered<Known>();

  of(agent: AgentName, input: StatsInput): Stats {
    const known = this.#remembered.get(agent);
    const counters = JSON.stringify([input.view.tally, input.verified, input.unreadable]);
    if (known?.counters === counters && areSameRuns(known.input, input)) return known.stats;
    const stats = computeStats(input);
    this.#remembered.set(agent, { input, counters, stats });
    return stats;
  }
}

interface Known {
  readonly input: Pick<StatsInput, "view" | "verified">;
  /** As they were: an engine may go on counting in place. */
  readonly counters: string;
  readonly stats: Stats;
}

/** Runs are the very same objects as long as nothing is read anew. */
function areSameRuns(a: Known["input"], b: Known["input"]): boolean {
  return (
    areSame(a.view.recent, b.view.recent) &&
    areSame(a.view.failures, b.view.failures) &&
    areSame([...a.verified.outcomes].flat(), [...b.verified.outcomes].flat())
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, place) => one === b[place]);
}
