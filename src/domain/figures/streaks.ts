/** Below so many outcomes streaks are not told from chance. */
const MIN_OUTCOMES = 40;
/** Runs on each side from which the rate around a run is taken. */
const NEIGHBOURS = 20;
/** The 99% quantile of the standard normal distribution, one-sided. */
const SURE = 2.33;

/**
 * Whether a run's outcome tells the next one's: the correlation at lag 1 against a mean that moves along, so that a change
 * of the rate is seldom a streak; a break from nearly always to nearly never is one. The rule for changes supposes
 * independent runs, and is wrong more often in streaks.
 */
export function comeInStreaks(outcomes: readonly boolean[]): boolean {
  if (outcomes.length < MIN_OUTCOMES) return false;
  const sums = [0];
  for (const success of outcomes) sums.push((sums.at(-1) ?? 0) + (success ? 1 : 0));
  let together = 0;
  let expected = 0;
  for (let run = 1; run < outcomes.length; run += 1) {
    const from = Math.max(0, run - NEIGHBOURS);
    const to = Math.min(outcomes.length, run + NEIGHBOURS);
    const mean = ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
    together += (Number(outcomes[run]) - mean) * (Number(outcomes[run - 1]) - mean);
    expected += mean * (1 - mean);
  }
  return expected > 0 && (Math.sqrt(outcomes.length - 1) * together) / expected > SURE;
}
