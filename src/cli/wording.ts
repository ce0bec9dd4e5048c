import { plainLine } from "../domain/plain-text.ts";
import { formatHalfEven } from "../domain/rounding.ts";

/** A rate as the performance summary has it. */
export function percent(rate: number | null): string {
  return rate === null ? "n/a" : `${formatHalfEven(rate * 100, 1)}%`;
}

/** `12 runs`, `1 run`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** An agent's name in a sentence, between quotation marks. Other writers may have given names that we would not. */
export function quoted(agent: string): string {
  return JSON.stringify(plainLine(agent, 64));
}

/** A timestamp as it was recorded: other writers may have put any text there. */
export function instant(timestamp: string | null): string {
  return timestamp === null ? "n/a" : plainLine(timestamp, 64);
}

export function decimal(value: number | null | undefined, digits: number, unit = ""): string {
  return value === null || value === undefined ? "n/a" : `${formatHalfEven(value, digits)}${unit}`;
}
