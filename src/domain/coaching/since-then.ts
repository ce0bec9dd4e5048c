import * as z from "zod";
import type { RecentRun } from "../history/history.ts";
import { readInstant } from "../run/time.ts";
import { bayesFactor, CLEAR_FACTOR, factorText } from "../statistics/bayes-factor.ts";
import { type Counts, rateOf } from "../statistics/statistics.ts";
import { areApart, countOutcomes, MIN_RUNS, moreRuns, shareText } from "../statistics/verdict.ts";
import type { Baseline, Moment, Recommendation } from "./recommendation.ts";

const countSchema = z.int().min(0);

/**
 * How an agent has done since a recommendation was adopted. It names no cause: whatever else changed on that day is in it.
 * Only a trial, which throws a coin for each run, can tell whether the advice helped.
 */
export const sinceThenSchema = z.object({
  verdict: z.enum(["better_since", "worse_since", "no_clear_change", "too_early"]),
  after: z.object({ runs: countSchema, successes: countSchema }),
  before: z.object({ runs: countSchema, successes: countSchema, left_out: countSchema }),
  bayes_factor: z.number().nullable().describe("Of two rates against one; 20 is clear"),
  more_runs_needed: countSchema.describe("Runs to go until something can be said"),
  evidence: z.string(),
});

export type SinceThen = z.infer<typeof sinceThenSchema>;

/** A run with what counts as its outcome: the verified one, else the claimed one. */
export interface RunOutcome extends Pick<RecentRun, "id" | "timestamp"> {
  readonly success: boolean;
}

/** How far back the baseline reaches. */
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
  const outcomes = runs.slice(-BASELINE_RUNS).map((run) => (run.success ? "1" : "0"));
  return { ...countOutcomes(kept.map((run) => run.success)), left_out: end - start, outcomes: outcomes.join("") };
}

/** So many runs after an adoption are compared with those before it. */
const FIRST_RUNS = 200;

/**
 * The runs since an adoption, from the last live runs (at most 200) in log order; `undefined` unless the recommendation is
 * adopted. What its adoption does not carry is taken from the runs that are left. Once the first 200 runs after it are no
 * longer among the last ones, the last ones stand for them: to read the log back to an adoption costs more the older it is.
 */
export function sinceThen(recommendation: Recommendation, runs: readonly RunOutcome[]): SinceThen | undefined {
  const { adopted, proposed } = recommendation;
  if (adopted === undefined) return undefined;
  const start = positionOf(runs, adopted);
  const left = baselineOf(runs.slice(0, start), proposed);
  const { outcomes = left.outcomes, ...before } = adopted.before ?? left;
  const after = runs.slice(start, start + FIRST_RUNS).map((run) => run.success);
  const areLast = start === 0 && adopted.execution_count > 0 && after.length === FIRST_RUNS;
  return compareSince({ ...before, outcomes }, after, areLast ? ", the last ones," : "");
}

/** Compares outcomes after an adoption with those before it; `which` says which of those after it they are. */
export function compareSince(baseline: Baseline, outcomes: readonly boolean[], which = ""): SinceThen {
  const { outcomes: earlier, ...before } = baseline;
  const after = countOutcomes(outcomes);
  const missing = Math.max(0, MIN_RUNS - after.runs);
  const factor = after.runs === 0 || before.runs === 0 ? null : bayesFactor(before, after);
  const isClear = missing === 0 && factor !== null && factor >= CLEAR_FACTOR && areApart(before, after);
  const earlierCut = isClear ? cutBefore(earlier, outcomes) : undefined;
  const verdict = verdictOf(missing, isClear && earlierCut === undefined, before, after);
  const evidence = evidenceOf(verdict, { before, after, which, missing, factor, earlierCut });
  return { verdict, after, before, bayes_factor: factor, more_runs_needed: missing, evidence };
}

function verdictOf(missing: number, isDatedThere: boolean, before: Counts, after: Counts): SinceThen["verdict"] {
  if (missing > 0) return "too_early";
  if (!isDatedThere) return "no_clear_change";
  return (rateOf(after) ?? 0) > (rateOf(before) ?? 0) ? "better_since" : "worse_since";
}

/** A cut at least so many runs behind the first one may have been the change. */
const SHORTEST_BEFORE = 5;
/** How much likelier an earlier cut has to be than the one at the adoption. */
const MUCH_LIKELIER = 10;

/** Behind which of the runs before the adoption the change is to be dated instead, if it is; the likeliest one. */
function cutBefore(earlier: string | undefined, after: readonly boolean[]): number | undefined {
  if (earlier === undefined) return undefined;
  const first = { ...countOutcomes([...earlier].map((outcome) => outcome === "1")) };
  const second = { ...countOutcomes(after) };
  let highest = MUCH_LIKELIER * bayesFactor(first, second);
  let found: number | undefined;
  for (let cut = first.runs - 1; cut >= SHORTEST_BEFORE; cut -= 1) {
    const moved = earlier[cut] === "1" ? 1 : 0;
    first.runs -= 1;
    second.runs += 1;
    first.successes -= moved;
    second.successes += moved;
    const factor = bayesFactor(first, second);
    if (factor <= highest) continue;
    highest = factor;
    found = cut;
  }
  return found === undefined ? undefined : earlier.length - found;
}

const words: Record<SinceThen["verdict"], string> = {
  better_since: "better since then",
  worse_since: "worse since then",
  no_clear_change: "no clear change since then",
  too_early: "too early",
};

function evidenceOf(
  verdict: SinceThen["verdict"],
  figures: {
    before: Pick<Baseline, "runs" | "successes" | "left_out">;
    after: Counts;
    which: string;
    missing: number;
    factor: number | null;
    earlierCut: number | undefined;
  },
): string {
  const { before, after, earlierCut, factor, missing, which } = figures;
  const leftOut = before.left_out === 0 ? [] : [leftOutText(before.left_out)];
  const rates = `${shareText(after)}${which} after, ${shareText(before)} before`;
  const sides = leftOut.length === 0 ? rates : `${rates} (${leftOut[0]})`;
  if (missing > 0) return `${words[verdict]}: ${sides}; ${moreRuns(missing)} needed`;
  if (factor === null) return `${words[verdict]}: ${sides}; there is nothing to compare with`;
  const measured = `${words[verdict]}: ${rates} (${[...leftOut, `Bayes factor ${factorText(factor)}`].join("; ")})`;
  if (earlierCut !== undefined)
    return `${measured}; it had changed before the adoption, about ${runsText(earlierCut)} earlier`;
  return verdict === "no_clear_change" ? measured : `${measured}; whatever else changed on that day is in it`;
}

function runsText(runs: number): string {
  return `${runs} ${runs === 1 ? "run" : "runs"}`;
}

function leftOutText(failures: number): string {
  const which =
    failures === 1
      ? "the failure that triggered the advice is"
      : `the ${failures} failures that triggered the advice are`;
  return `${which} not counted`;
}

/**
 * How many of the runs came before a moment. The run that was the last one then says so to the run; where it is unknown
 * or gone, timestamps decide, and a run of the same second counts as before.
 */
export function positionOf(runs: readonly RunOutcome[], moment: Moment): number {
  if (moment.execution_count === 0) return 0;
  if (moment.after_execution !== null) {
    const last = runs.findLastIndex((run) => run.id === moment.after_execution);
    if (last >= 0) return last + 1;
  }
  const at = readInstant(moment.timestamp);
  if (at === undefined) return runs.length;
  return runs.findLastIndex((run) => (readInstant(run.timestamp) ?? Number.POSITIVE_INFINITY) <= at) + 1;
}
