import { AGENT } from "../programs/client.ts";
import type { User } from "../user.ts";
import type { Sight } from "./sight.ts";

/** What was seen of one client. */
export interface Outcome {
  readonly era: string | undefined;
  readonly main: Sight;
  /** `undefined` if no subagent asked the model. */
  readonly sub: Sight | undefined;
  /** How a run of the agent stands on record. */
  readonly recorded: "under the client's id" | "under no id" | "as a failure" | undefined;
  readonly started: number;
  readonly ended: number;
  /** What the client says that failed, and what our processes said or ended with. */
  readonly errors: readonly string[];
  /** What was seen last: for a row that fails. */
  readonly log: readonly string[];
}

/** What fails in the runs before the one that is looked at. */
export const EARLIER_ERROR = "Earlier";

/** What our program knows of the agent's run. */
export function onRecord(user: User): Pick<Outcome, "recorded" | "started" | "ended"> {
  const { coverage } = JSON.parse(user.says("summary", AGENT, "--json"));
  const { executions }: { executions: readonly Record<string, unknown>[] } = JSON.parse(
    user.says("executions", AGENT, "--json"),
  );
  const run = executions.find(({ error_type }) => error_type !== EARLIER_ERROR);
  const seen = user.textOf(`.kaizen/metrics/${AGENT}/lifecycle.jsonl`);
  const isSeen = run?.idempotency_key !== undefined && seen.includes(`"${run.idempotency_key}"`);
  return {
    recorded: run && (run.success !== true ? "as a failure" : isSeen ? "under the client's id" : "under no id"),
    started: coverage?.started ?? 0,
    ended: coverage?.ended ?? 0,
  };
}
