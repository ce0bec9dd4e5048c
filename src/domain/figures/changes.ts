import { formatInstant } from "../run/time.ts";
import { type ChangePoints, changePoints, type StretchEvidence } from "../statistics/change-point.ts";
import { aboutText } from "../statistics/verdict.ts";

/** A run as far as it tells when something changed. */
export interface DatedRun {
  /** As its writer wrote it. */
  readonly timestamp: string | null;
  /** The instant in ms, if the timestamp is readable. */
  readonly at?: number | undefined;
}

/** A change: how many runs of the window came before it, and when its first run ended (UTC), if that is known. */
export interface Change {
  readonly after: number;
  readonly timestamp: string | null;
}

/** A window of runs, cut where it changed. */
export interface CutWindow<T> extends ChangePoints {
  readonly changes: readonly Change[];
  /** The runs behind the last change, or all of them. */
  readonly since: readonly T[];
  /** The runs between the last change and the one before it; `undefined` if nothing changed. */
  readonly before: readonly T[] | undefined;
}

/** Cuts a window of runs, oldest first, by the evidence for its stretches. */
export function cutWindow<T extends DatedRun>(runs: readonly T[], evidence: StretchEvidence): CutWindow<T> {
  const found = changePoints(runs.length, evidence);
  const [earlier, last] = [found.cuts.at(-2) ?? 0, found.cuts.at(-1)];
  return {
    ...found,
    changes: found.cuts.map((after) => ({ after, timestamp: instantOf(runs[after]) })),
    since: runs.slice(last ?? 0),
    before: last === undefined ? undefined : runs.slice(earlier, last),
  };
}

/** "since about 2026-11-20T13:48Z", or which run of the window it was, if that run does not say its time. */
export function sinceText({ changes, since }: CutWindow<DatedRun>): string {
  return `since ${aboutText(since[0]?.at) ?? `about run ${(changes.at(-1)?.after ?? 0) + 1} of these`}`;
}

function instantOf(run: DatedRun | undefined): string | null {
  return run?.at === undefined ? null : formatInstant(run.at);
}
