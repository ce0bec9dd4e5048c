import type { Verdict } from "../../domain/statistics/verdict.ts";
import type { Style } from "../terminal/style.ts";

export function verdictPaint(verdict: Verdict, style: Style): (text: string) => string {
  const paints: Record<Verdict, (text: string) => string> = {
    improving: style.good,
    declining: style.bad,
    steady: (text) => text,
    too_few_runs: style.dim,
  };
  return paints[verdict];
}
