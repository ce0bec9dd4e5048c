// When what has expired is taken out for good without being asked for, and up to when.

/** So many of the last entries say what time it is. */
export const WITNESSES = 21;
/** How far the clock may be ahead of them, as a share of the retention: they are no clock, and most are older. */
const TOLERANCE = 0.1;
/** What is not small is looked after once this share of it has expired: so that, spread over the entries between, it costs little. */
const PRUNED_SHARE = 0.25;

/** Instants in ms. */
export interface RetentionClock {
  /** Before it a run has expired, as of now. */
  readonly cutoff: number;
  readonly now: number;
}

/**
 * The instant (ms) up to which entries may be taken out for good. A clock that is far ahead hides what has expired by it for
 * as long as it is: it must not delete it. So the clock is believed only as far as the history agrees: up to a tenth of the
 * retention after what most of the witnesses say.
 */
export function supportedCutoff(witnesses: readonly number[], { cutoff, now }: RetentionClock): number {
  const instants = [...witnesses].sort((a, b) => a - b);
  const middle = instants[Math.floor((instants.length - 1) / 2)] ?? Number.NEGATIVE_INFINITY;
  return Math.min(cutoff, middle - (1 - TOLERANCE) * (now - cutoff));
}

/** The entries of a history by age, as far as they are known. */
export interface EntriesByAge {
  readonly expiredRuns: number;
  readonly liveRuns: number;
}

/** Whether it is worth to take out now what has expired. */
export function isWorthPruning({ expiredRuns, liveRuns }: EntriesByAge, isSmall: boolean): boolean {
  if (expiredRuns === 0) return false;
  return isSmall || expiredRuns >= PRUNED_SHARE * (expiredRuns + liveRuns);
}
