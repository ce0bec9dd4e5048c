import { parseAgentName } from "../domain/run/agent-name.ts";
import { executionId } from "../domain/run/execution.ts";
import { completeRecord, type ReportedExecution, reportedRecord } from "../domain/run/report.ts";
import type { ObservedByHooks } from "./coverage.ts";
import type { KaizenOptions } from "./options.ts";

/** What the agent gets for its report. */
export interface Receipt {
  readonly id: string | null;
  readonly agent: string;
  /** Whether this call added a run. */
  readonly recorded: boolean;
  /** Whether the run was there already, under the same idempotency key. */
  readonly duplicate: boolean;
  readonly timestamp: string | null;
  readonly execution_count: number;
  readonly success_rate: number;
}

/** What this program itself says of a run that it records; no report may say it. */
export interface Marks {
  readonly recorded_by?: "hook";
}

/** Appends one run, and tells those who count what hooks saw that it was reported. */
export async function recordRun(
  options: KaizenOptions,
  seen: ObservedByHooks,
  report: ReportedExecution,
  marks: Marks = {},
): Promise<Receipt> {
  const agent = parseAgentName(report.agent);
  const { now, randomHex, retentionDays, store } = options;
  const reported = { ...reportedRecord({ ...report, agent }), ...marks };
  const record = completeRecord(reported, { now: now(), retentionDays, id: executionId(randomHex()) });
  const { results, summary } = await store.runs.append(agent, [{ record, reported }]);
  const [result] = results;
  if (result === undefined) throw new Error("a store answers for each run");
  if (result.kind === "refused") throw result.error;
  const { execution } = result;
  const duplicate = result.kind === "duplicate";
  if (report.idempotency_key !== undefined) await seen.noteReport(agent, report.idempotency_key);
  return {
    id: execution.id ?? null,
    agent,
    recorded: !duplicate,
    duplicate,
    timestamp: execution.timestamp,
    execution_count: summary.execution_count,
    success_rate: summary.success_rate,
  };
}
