import type { Style } from "./style.ts";

const bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One bar a value, from the lowest at `low` to the highest at `high`; a gap if there is no value. */
export function sparkline(values: readonly (number | undefined)[], [low, high]: readonly [number, number]): string {
  return values
    .map((value) => {
      if (value === undefined || !Number.isFinite(value)) return " ";
      const share = high > low ? (value - low) / (high - low) : 0.5;
      return bars[Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)))] ?? " ";
    })
    .join("");
}

/** One bar a run, oldest first: high for a success, low for a failure. */
export function outcomeLine(outcomes: readonly boolean[]): string {
  return outcomes.map((success) => (success ? "▇" : "▁")).join("");
}

export function paintOutcomes(line: string, style: Style): string {
  return line.replaceAll(/▇+/g, style.good).replaceAll(/▁+/g, style.bad);
}
