import { type Arm, type Comparison, compareArms } from "../../domain/figures/comparison.ts";
import { tasksOf } from "../../domain/figures/mix.ts";
import type { Execution } from "../../domain/run/execution.ts";
import { type ExecutionFilter, matchesFilter } from "../../domain/run/filter.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../figures/agent-summary.ts";
import type { Kaizen } from "../kaizen.ts";

/** From how many of the last runs on each side the mix of the work is told. */
const MIX_RUNS = 1_000;

const comparedFields = ["task", "model", "version"] as const;

/**
 * The runs that a filter by kind of work, model or version has picked against the agent's other runs of the same time, by
 * the outcomes that count; `undefined` if the filter picks by nothing of the kind, or there are no others.
 */
export async function compareWithRest(
  kaizen: Pick<Kaizen, "summary" | "executions">,
  picked: AgentSummary,
  filter: ExecutionFilter,
): Promise<Comparison | undefined> {
  const given = comparedFields.filter((field) => filter[field] !== undefined);
  if (given.length === 0) return undefined;
  const { agent } = picked.summary;
  const time = { sinceAt: filter.sinceAt, untilAt: filter.untilAt };
  const all = (await kaizen.summary(agent, time)).stats.success;
  const some = picked.stats.success;
  const rest: Arm = { name: "the rest", runs: all.runs - some.runs, successes: all.successes - some.successes };
  if (rest.runs <= 0) return undefined;
  const name = given.map((field) => `${field} ${plainLine(filter[field] ?? "", 64)}`).join(", ");
  const arm: Arm = { name, runs: some.runs, successes: some.successes };
  const { executions } = await kaizen.executions(agent, { filter: time, limit: MIX_RUNS });
  const those = executions.filter((run) => matchesFilter(run, filter));
  const others = executions.filter((run) => !matchesFilter(run, filter));
  return compareArms({ ...arm, ...detailsOf(those, filter) }, { ...rest, ...detailsOf(others, filter) });
}

/** When the runs were, and what work they did. Who picks by the kind of work knows that it differs. */
function detailsOf(runs: readonly Execution[], filter: ExecutionFilter): Pick<Arm, "dates" | "tasks"> {
  const dates = runs.flatMap(({ at }) => at ?? []);
  if (filter.task !== undefined) return { dates };
  return { dates, tasks: tasksOf(runs.map(({ record: { task } }) => (typeof task === "string" ? { task } : {}))) };
}
