import type { Facts } from "../../domain/evidence/evidence.ts";
import { measuredBeside } from "../../domain/evidence/measured-fields.ts";
import { type AgentName, parseAgentName } from "../../domain/run/agent-name.ts";
import { executionId } from "../../domain/run/execution.ts";
import { completeRecord, type ReportedExecution, reportedRecord } from "../../domain/run/report.ts";
import { KaizenError } from "../../errors.ts";
import type { Store } from "../../storage/store.ts";
import { isOfWholeStore } from "../base/among-latest.ts";
import type { KaizenOptions } from "../base/options.ts";
import type { ObservedByHooks } from "../figures/coverage.ts";

/** What the agent gets for its report. */
export interface Receipt {
  readonly id: string;
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
  readonly recorded_by?: "hook" | "check" | "ci";
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
  const measured = measuredBeside(reported, await factsOf(store, agent, report.idempotency_key));
  const record = completeRecord(
    { ...reported, ...measured },
    { now: now(), retentionDays, id: executionId(randomHex()) },
  );
  const { results, summary } = await store.runs.append(agent, [{ record, reported }]);
  const [result] = results;
  if (result === undefined) throw new Error("a store answers for each run");
  if (result.kind === "refused") throw result.error;
  const { execution } = result;
  const duplicate = result.kind === "duplicate";
  if (report.idempotency_key !== undefined) await seen.noteReport(agent, report.idempotency_key);
  return {
    id: execution.id,
    agent,
    recorded: !duplicate,
    duplicate,
    timestamp: execution.timestamp,
    execution_count: summary.execution_count,
    success_rate: summary.success_rate,
  };
}

/** What a hook has read of the run before it was reported. A report is not refused for what stands beside it. */
async function factsOf(store: Store, agent: AgentName, key: string | undefined): Promise<Facts | undefined> {
  if (key === undefined) return undefined;
  try {
    return (await store.evidence.find(agent, key))?.facts;
  } catch (error) {
    if (error instanceof KaizenError && !isOfWholeStore(error)) return undefined;
    throw error;
  }
}

/** How a run came out, by something other than its own report. */
export interface KnownOutcome {
  /** The client's own id of it, and its idempotency key. */
  readonly key: string;
  readonly success: boolean;
}

/**
 * The id of a run on record, to verify it by. One that was not reported is recorded, for now its outcome is known.
 * `undefined` if it was reported in a way that does not say its id.
 */
export async function idOfOutcome(
  options: KaizenOptions,
  seen: ObservedByHooks,
  agent: AgentName,
  { key, success }: KnownOutcome,
  recordedBy: NonNullable<Marks["recorded_by"]>,
): Promise<string | undefined> {
  const { store } = options;
  const onRecord = (await store.runs.lookUp(agent, [key])).get(key);
  if (onRecord !== undefined) return onRecord.execution.id;
  const reportedAs = (await factsOf(store, agent, key))?.execution_id;
  if (reportedAs !== undefined) return reportedAs;
  if ((await seen.find(key, agent))?.run.reported === true) return undefined;
  const report = { agent, success, idempotency_key: key };
  return (await recordRun(options, seen, report, { recorded_by: recordedBy })).id;
}
