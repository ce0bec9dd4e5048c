/** One figure: how long something takes, again and again, in ms. */
export interface Measured {
  readonly medianMs: number;
  readonly repetitions: number;
}

export type Work = () => unknown;

/**
 * Times several things in turns, round by round, so that what the machine does meanwhile falls on all of them alike.
 * The first rounds warm up and are not counted. `afterEach` clears up, outside of what is timed.
 */
export async function measureInTurns<Name extends string>(
  works: Record<Name, Work>,
  rounds: { count: number; warmUp: number; afterEach?: () => unknown },
): Promise<Record<Name, Measured>> {
  const names = Object.keys(works) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds.warmUp + rounds.count; round += 1) {
    for (const name of names) {
      const begun = performance.now();
      await works[name]();
      const ms = performance.now() - begun;
      if (round >= rounds.warmUp) times.get(name)?.push(ms);
      await rounds.afterEach?.();
    }
  }
  const figures = names.map((name) => [name, { medianMs: median(times.get(name) ?? []), repetitions: rounds.count }]);
  return Object.fromEntries(figures);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
    : (sorted[Math.floor(middle)] ?? Number.NaN);
}

export function inMs(ms: number): string {
  return ms >= 100 ? `${ms.toFixed(0)} ms` : ms >= 1 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(3)} ms`;
}

export function times(factor: number): string {
  return `${factor.toFixed(factor >= 10 ? 0 : 2)} x`;
}
