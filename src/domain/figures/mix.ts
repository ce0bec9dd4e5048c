import { formatHalfEven } from "../statistics/rounding.ts";

/** How many runs were of which kind of work. */
export type Tasks = ReadonlyMap<string, number>;

/** From this share of differently distributed work on, a difference may come from the work and not from the agent. */
const DIFFERENT_MIX = 0.2;

/** Counts runs by their kind of work. A run that names none is of no kind. */
export function tasksOf(runs: readonly { readonly task?: string | undefined }[]): Tasks {
  const counts = new Map<string, number>();
  for (const { task } of runs) if (task !== undefined) counts.set(task, (counts.get(task) ?? 0) + 1);
  return counts;
}

/** How much of the work of two groups of runs is of another kind, as "75%"; `undefined` if little is, or it is not known. */
export function otherMix(first: Tasks, second: Tasks): string | undefined {
  const distance = totalVariation(first, second);
  return distance > DIFFERENT_MIX ? `${formatHalfEven(distance * 100, 0)}%` : undefined;
}

/** The total variation distance of two distributions: the share of the work that would have to be of another kind. */
function totalVariation(a: Tasks, b: Tasks): number {
  const total = (tasks: Tasks) => [...tasks.values()].reduce((sum, runs) => sum + runs, 0);
  const [totalA, totalB] = [total(a), total(b)];
  if (totalA === 0 || totalB === 0) return 0;
  let distance = 0;
  for (const task of new Set([...a.keys(), ...b.keys()])) {
    distance += Math.abs((a.get(task) ?? 0) / totalA - (b.get(task) ?? 0) / totalB);
  }
  return distance / 2;
}
