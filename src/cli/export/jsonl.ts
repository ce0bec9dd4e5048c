import { isSameName } from "../../domain/run/agent-name.ts";
import { namedText, type ScannedRun } from "../../kaizen/export.ts";

export interface JsonLine {
  readonly line: string;
  /** Whether the run names another agent in its own line than the one whose log it stands in. */
  readonly isRenamed: boolean;
}

/**
 * A run as a line of the ADR-004 form, as its writer wrote it: numbers keep their digits. It names its agent, so that
 * the runs of several can be told apart, and taken in again by `import`. A run belongs to the agent in whose log it
 * stands: where it names another, that name is replaced, and nothing else.
 */
export function jsonLine(agent: string, run: ScannedRun): JsonLine {
  const { record } = run.execution;
  const isSame = typeof record.agent === "string" && isSameName(record.agent, agent);
  return { line: `${namedText(agent, run)}\n`, isRenamed: record.agent !== undefined && !isSame };
}
