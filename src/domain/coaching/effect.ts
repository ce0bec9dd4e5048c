import * as z from "zod";
import type { RecentRun } from "../figures/history.ts";
import { readInstant } from "../run/time.ts";
import { countOutcomes, MIN_RUNS, moreRuns, probabilityText, shareText, surelyDiffers } from "../statistics/change.ts";
import { type Counts, probabilityGreater } from "../statistics/statistics.ts";
import type { Baseline, Moment, Recommendation } from "./recommendation.ts";

const count = z.int().min(0);

/** What an adopted recommendation did. */
export const effectSchema = z.object({
  verdict: z.enum(["helped", "hurt", "no_clear_effect", "too_early"]),
  after: z.object({ runs: count, successes: count }),
  before: z.object({ runs: count, successes: count, left_out: count }),
  p_after_greater: z.number().min(0).max(1).nullable(),
  more_runs_needed: count.describe("Runs to go until something can be said"),
  evidence: z.string(),
});

export type Effect = z.infer<typeof effectSchema>;

/** A run with what counts as its outcome: the verified one, else the claimed one. */
export interface RunOutcome extends Pick<RecentRun, "id" | "timestamp"> {
  readonly success: boolean;
}

/** How far back the baseline reaches: as far as the larger window of a change. */
const BASELINE_RUNS = 60;

/**
 * What to compare an adoption with, asked at the moment of adoption: the last 60 runs, without the failures immediately
 * before the proposal. Those led to it; a worst moment is followed by a better one anyway (regression to the mean: F.
 * Galton 1886; for before-after comparisons E. Hauer, "Observational Before-After Studies in Road Safety", 1997).
 * `runs` are the last live runs in log order, at most 200.
 */
export function baselineOf(runs: readonly RunOutcome[], proposed: Moment): Baseline {
  const end = positionOf(runs, proposed);
  let start = end;
  while (runs[start - 1]?.success === false) start -= 1;
  const kept = [...runs.slice(0, start), ...runs.slice(end)].slice(-BASELINE_RUNS);
  return { ...countOutcomes(kept.map((run) => run.success)), left_out: end - start };
}

/**
 * The measured effect of a recommendation, from the last live runs (at most 200) in log order; `undefined` unless it is
 * adopted. Where the adoption carries no baseline, one is taken from the runs that are left.
 */
export function effectOf(recommendation: Recommendation, runs: readonly RunOutcome[]): Effect | undefined {
  const { adopted, proposed } = recommendation;
  if (adopted === undefined) return undefined;
  const start = positionOf(runs, adopted);
  const before = adopted.before ?? baselineOf(runs.slice(0, start), proposed);
  return measureEffect(before, countOutcomes(runs.slice(start).map((run) => run.success)));
}

/** Compares the runs after an adoption with those before it, by the rule that also calls a change of a success rate. */
export function measureEffect(before: Baseline, after: Counts): Effect {
  const missing = Math.max(0, MIN_RUNS - after.runs);
  const p = after.runs === 0 || before.runs === 0 ? null : probabilityGreater(after, before);
  const verdict = missing > 0 ? "too_early" : p === null ? "no_clear_effect" : judge(after, before, p);
  const evidence = evidenceOf(verdict, { before, after, missing, p });
  return { verdict, after: { ...after }, before, p_after_greater: p, more_runs_needed: missing, evidence };
}

function judge(after: Counts, before: Counts, p: number): Effect["verdict"] {
  const direction = surelyDiffers(after, before, p);
  return direction === 0 ? "no_clear_effect" : direction > 0 ? "helped" : "hurt";
}

function evidenceOf(
  verdict: Effect["verdict"],
  figures: { before: Baseline; after: Counts; missing: number; p: number | null },
): string {
  const { before, after, missing, p } = figures;
  const leftOut = before.left_out === 0 ? "" : ` without the ${failures(before.left_out)} that led to it`;
  const sides = `${shareText(after)} after, ${shareText(before)} before${leftOut}`;
  if (missing > 0) return `too early: ${sides}; ${moreRuns(missing)} needed`;
  if (p === null) return `no clear effect: ${sides}; there is nothing to compare with`;
  return `${verdict.replaceAll("_", " ")}: ${sides} (P ${probabilityText(Math.max(p, 1 - p))})`;
}

function failures(number: number): string {
  return number === 1 ? "failure" : `${number} failures`;
}

/**
 * How many of the runs came before a moment. The run that was the last one then says so to the run; where it is unknown
 * or gone, timestamps decide, and a run of the same second counts as before.
 */
function positionOf(runs: readonly RunOutcome[], moment: Moment): number {
  if (moment.execution_count === 0) return 0;
  if (moment.after_execution !== null) {
    const last = runs.findLastIndex((run) => run.id === moment.after_execution);
    if (last >= 0) return last + 1;
  }
  const at = readInstant(moment.timestamp);
  if (at === undefined) return runs.length;
  return runs.findLastIndex((run) => (readInstant(run.timestamp) ?? Number.POSITIVE_INFINITY) <= at) + 1;
}
