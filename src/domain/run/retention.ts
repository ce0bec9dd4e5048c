import { DAY_MS } from "./time.ts";

/** How long a run is kept, in days; `null` keeps every run. */
export type RetentionDays = number | null;

/** ADR-004's default. */
export const DEFAULT_RETENTION_DAYS = 180;

/** The instant (ms) before which a run has expired: `-Infinity` where everything is kept. */
export function retentionCutoff(retentionDays: RetentionDays, now: number): number {
  return retentionDays === null ? Number.NEGATIVE_INFINITY : now - retentionDays * DAY_MS;
}

/**
 * The instant (ms) before which a run had expired when another one ended. If that one does not say when it ended, every
 * run may still have been live.
 */
export function cutoffWhenEnded({ at }: { readonly at: number | undefined }, retentionDays: RetentionDays): number {
  return at === undefined ? Number.NEGATIVE_INFINITY : retentionCutoff(retentionDays, at);
}

/** Whether a run has expired. A run without a readable timestamp never does: its age is unknown. */
export function hasExpired(at: number | undefined, cutoff: number): boolean {
  return at !== undefined && at < cutoff;
}
