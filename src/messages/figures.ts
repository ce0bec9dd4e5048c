import { formatHalfEven } from "../domain/statistics/rounding.ts";

/** `12 runs`, `1 run`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** A rate as the performance summary has it. */
export function percent(rate: number | null): string {
  return rate === null ? "n/a" : `${formatHalfEven(rate * 100, 1)}%`;
}

export function decimal(value: number | null | undefined, digits: number, unit = ""): string {
  return value === null || value === undefined ? "n/a" : `${formatHalfEven(value, digits)}${unit}`;
}

/** `12 runs, 83.3% claimed successful`: the rate is what the agents said, also where a verification has found otherwise. */
export function claimedRuns(count: number, successRate: number): string {
  return `${counted(count, "run")}, ${percent(successRate)} claimed successful`;
}

interface VerifiedRates {
  readonly runs: number;
  readonly rate: number | null;
  readonly claimed_rate: number | null;
}

/** `8 runs verified: 62.5% succeeded, 87.5% claimed to`; `undefined` where nothing was verified. */
export function verifiedRates({ runs: count, rate, claimed_rate }: VerifiedRates): string | undefined {
  if (rate === null || claimed_rate === null) return undefined;
  return `${counted(count, "run")} verified: ${percent(rate)} succeeded, ${percent(claimed_rate)} claimed to`;
}
