import { rounded } from "../../domain/dashboard/rated.ts";
import type { ComparisonRow } from "../../domain/dashboard/view-model.ts";
import { type Arm, compareArms } from "../../domain/figures/comparison.ts";
import { tasksOf } from "../../domain/figures/mix.ts";
import { MIN_RUNS } from "../../domain/statistics/verdict.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../figures/agent-summary.ts";
import { NAME_CHARACTERS } from "./agent-row.ts";

/** Other agents against one of them. So many are compared at once that each pair has to be the clearer for it. */
export function comparisonWith(base: AgentSummary, others: readonly AgentSummary[]): ComparisonRow[] {
  const baseArm = armOf(base);
  return others.map((other) => {
    const arm = armOf(other);
    const { difference, evidence, interval, warning, winner } = compareArms(arm, baseArm, others.length);
    return {
      agent: arm.name,
      difference: difference === null ? null : rounded(difference),
      low: rounded(interval[0]),
      high: rounded(interval[1]),
      winner,
      is_too_few: arm.runs < MIN_RUNS || baseArm.runs < MIN_RUNS,
      evidence,
      warning,
    };
  });
}

function armOf({ overview, stats, summary }: AgentSummary): Arm {
  const { recent } = overview.view;
  return {
    name: plainLine(summary.agent, NAME_CHARACTERS),
    runs: stats.success.runs,
    successes: stats.success.successes,
    tasks: tasksOf(recent),
    dates: recent.flatMap(({ at }) => at ?? []),
  };
}
