import { rankTest } from "../statistics/rank-test.ts";
import { formatHalfEven } from "../statistics/rounding.ts";
import { median } from "../statistics/statistics.ts";
import { MIN_RUNS } from "../statistics/verdict.ts";

/** A run that its agent gave a score. */
export interface ScoredRun {
  readonly quality: number;
  readonly success: boolean;
}

/** So many successes and so many failures have to be scored before their scores are compared: our own choice, half of `MIN_RUNS`. */
const MIN_ARM = 5;
/** How far from a coin toss a score has to tell success from failure: Vargha and Delaney's bound for a small effect (2000). */
const SMALL_EFFECT = 0.06;

/**
 * Says where an agent's scores of itself carry no information: always the same, or the same for success and failure.
 * `null` if they carry some, or where too few were given to tell (ten; five on each side).
 */
export function selfScoreFinding(runs: readonly ScoredRun[]): string | null {
  const [first] = runs;
  if (first === undefined || runs.length < MIN_RUNS) return null;
  if (runs.every((run) => run.quality === first.quality)) {
    return `All ${runs.length} quality scores are ${formatHalfEven(first.quality, 2)}: they say nothing.`;
  }
  const good = runs.filter((run) => run.success).map((run) => run.quality);
  const bad = runs.filter((run) => !run.success).map((run) => run.quality);
  const test = rankTest(good, bad);
  if (test === undefined || Math.min(good.length, bad.length) < MIN_ARM) return null;
  if (test.share - 0.5 > SMALL_EFFECT || test.p < 0.05) return null;
  const medians = [good, bad].map((scores) => formatHalfEven(median(scores) ?? 0, 2));
  return (
    "Quality scores say nothing: they are the same for success and failure " +
    `(median ${medians[0]} of ${good.length} successes, ${medians[1]} of ${bad.length} failures).`
  );
}
