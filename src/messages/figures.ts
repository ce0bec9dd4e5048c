import { outcomeKind, rateText, type SuccessRate } from "../domain/figures/success-rate.ts";
import { formatHalfEven } from "../domain/statistics/rounding.ts";

/** `12 runs`, `1 run`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** A rate as the performance summary has it. */
export const percent = rateText;

export function decimal(value: number | null | undefined, digits: number, unit = ""): string {
  return value === null || value === undefined ? "n/a" : `${formatHalfEven(value, digits)}${unit}`;
}

/** `12 runs, 83.3% succeeded (as claimed)`: verified outcomes count in place of claims. */
export function succeededRuns(success: SuccessRate): string {
  return `${counted(success.runs, "run")}, ${rateText(success.rate)} succeeded (${outcomeKind(success)})`;
}

/** `12 runs, 83.3% a success as reported by the agent`: what a receipt says, which no verification has looked at yet. */
export function claimedRuns(count: number, successRate: number): string {
  return `${counted(count, "run")}, ${percent(successRate)} a success as reported by the agent`;
}

interface VerifiedRates {
  readonly runs: number;
  readonly rate: number | null;
  readonly claimed_rate: number | null;
}

/** `8 runs verified: 62.5% succeeded, 87.5% claimed to`; `undefined` if nothing was verified. */
export function verifiedRates({ runs: count, rate, claimed_rate }: VerifiedRates): string | undefined {
  if (rate === null || claimed_rate === null) return undefined;
  return `${counted(count, "run")} verified: ${percent(rate)} succeeded, ${percent(claimed_rate)} claimed to`;
}
