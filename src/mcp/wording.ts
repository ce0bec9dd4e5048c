import { formatHalfEven } from "../domain/rounding.ts";

/** `12 runs, 83.3% successful`, with the percentage as the performance summary has it. */
export function runs(count: number, successRate: number): string {
  return `${count} ${count === 1 ? "run" : "runs"}, ${formatHalfEven(successRate * 100, 1)}% successful`;
}
