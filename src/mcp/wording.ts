import { plainLine } from "../domain/plain-text.ts";
import { formatHalfEven } from "../domain/rounding.ts";

/** `12 runs, 83.3% successful`, with the percentage as the performance summary has it. */
export function runs(count: number, successRate: number): string {
  return `${count} ${count === 1 ? "run" : "runs"}, ${percent(successRate)} successful`;
}

export function percent(rate: number): string {
  return `${formatHalfEven(rate * 100, 1)}%`;
}

interface VerifiedRates {
  readonly runs: number;
  readonly rate: number | null;
  readonly claimed_rate: number | null;
}

/** `8 runs verified: 62.5% succeeded, 87.5% claimed to`; `undefined` where nothing was verified. */
export function verifiedRates({ runs: count, rate, claimed_rate }: VerifiedRates): string | undefined {
  if (rate === null || claimed_rate === null) return undefined;
  return `${count} ${count === 1 ? "run" : "runs"} verified: ${percent(rate)} succeeded, ${percent(claimed_rate)} claimed to`;
}

/** An agent's name in a sentence. Other writers may have given names that we would not. */
export function named(agent: string): string {
  return plainLine(agent, 64);
}
