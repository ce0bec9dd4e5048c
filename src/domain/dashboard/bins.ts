import { countOutcomes } from "../statistics/verdict.ts";
import { ratedOf } from "./rated.ts";
import type { Bin } from "./view-model.ts";

/** About so many runs share a bin: few enough to see a change, many enough for an interval that says something. */
const RUNS_PER_BIN = 20;

/**
 * Outcomes in bins of about 20 runs, oldest first, for a step chart. No bin has a cut inside: with one, a sudden change would
 * look like a slow one. `cuts` are numbers of runs that came before, in any order.
 */
export function binsOf(outcomes: readonly boolean[], cuts: readonly number[]): Bin[] {
  const inside = cuts.filter((cut) => cut > 0 && cut < outcomes.length);
  const edges = [...new Set([0, ...inside, outcomes.length])].sort((a, b) => a - b);
  return edges.slice(1).flatMap((to, index) => stretch(outcomes, edges[index] ?? 0, to));
}

/** The runs between two edges, in bins that differ by one run at most. */
function stretch(outcomes: readonly boolean[], start: number, end: number): Bin[] {
  const length = end - start;
  const bins = Math.max(1, Math.round(length / RUNS_PER_BIN));
  return Array.from({ length: bins }, (_, number) => {
    const from = start + Math.round((number * length) / bins);
    const to = start + Math.round(((number + 1) * length) / bins);
    return { from, to, ...ratedOf(countOutcomes(outcomes.slice(from, to))) };
  }).filter(({ from, to }) => to > from);
}
