import type { AgentName } from "../run/agent-name.ts";
import { DAY_MS } from "../run/time.ts";
import type { RunEvidence } from "./evidence.ts";

/** What is known of a run, and whose it is. */
export interface RunOfAgent {
  readonly agent: AgentName;
  readonly key: string;
  readonly run: RunEvidence;
}

/** A run that was not seen to end may have been killed: it counts as under way for so long at most. */
export const LONGEST_RUN_MS = DAY_MS;

/**
 * The others of some runs that were at work in the same working copy as one of them, at the same time. Instants are whole
 * seconds: two that share one may have met. Of a run whose working copy is unknown there are none.
 */
export function overlapping(runs: Iterable<RunOfAgent>, one: RunOfAgent): RunOfAgent[] {
  const { checkout } = one.run.facts;
  if (checkout === undefined) return [];
  return [...runs].filter(
    (other) =>
      (other.agent !== one.agent || other.key !== one.key) &&
      other.run.firstSeenAt <= endOf(one.run) &&
      one.run.firstSeenAt <= endOf(other.run) &&
      other.run.facts.checkout === checkout,
  );
}

function endOf({ endedAt, firstSeenAt }: RunEvidence): number {
  return endedAt ?? firstSeenAt + LONGEST_RUN_MS;
}
