import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { Execution } from "../../src/domain/run/execution.ts";
import type { ExecutionFilter } from "../../src/domain/run/filter.ts";
import type { VerifiedRun } from "../../src/domain/verification/verification.ts";
import type {
  LifecycleStore,
  NewRun,
  NewVerification,
  Overview,
  RunStore,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "../../src/storage/store.ts";

// The port takes and gives many at a time. Most tests are about one.

export interface AppendedRun {
  readonly execution: Execution;
  readonly duplicate: boolean;
  readonly overview: Overview;
}

/** Records a run. Fails with the error that it is refused with. */
export async function appendRun(runs: RunStore, agent: AgentName, run: NewRun): Promise<AppendedRun> {
  const { overview, results } = await runs.append(agent, [run]);
  const [result] = results;
  if (result === undefined || results.length > 1) throw new Error("a store answers for each run");
  if (result.kind === "refused") throw result.error;
  return { execution: result.execution, duplicate: result.kind === "duplicate", overview };
}

/** What would become of each run. */
export async function previewRuns(
  runs: RunStore,
  agent: AgentName,
  some: readonly NewRun[],
): Promise<("new" | "duplicate" | "refused")[]> {
  const { results } = await runs.append(agent, some, { dryRun: true });
  return results.map(({ kind }) => kind);
}

/** Keeps a verification. Fails with the error that it is refused with. */
export async function verifyRun(
  runs: RunStore,
  agent: AgentName,
  verification: NewVerification,
): Promise<{ run: VerifiedRun; overview: VerifiedOverview }> {
  const [result] = await runs.verify(agent, [verification]);
  if (result === undefined) throw new Error("a store answers for each verification");
  if (result.kind === "refused") throw result.error;
  return { run: result.run, overview: await runs.overview(agent) };
}

/** Takes in verifications that were reported elsewhere, and says what became of each. */
export async function mergeVerifications(
  runs: RunStore,
  agent: AgentName,
  verifications: readonly NewVerification[],
  options: VerifyOptions = {},
): Promise<VerifyResult["kind"][]> {
  const results = await runs.verify(agent, verifications, { ...options, fromElsewhere: true });
  return results.map(({ kind }) => kind);
}

export async function scanRuns(runs: RunStore, agent: AgentName, filter: ExecutionFilter = {}): Promise<ScannedRun[]> {
  const found: ScannedRun[] = [];
  for await (const some of runs.scan(agent, filter)) found.push(...some);
  return found;
}

/** Whether the store finds a live run by its id, which it does without reading the history. */
export async function knowsRun(runs: RunStore, agent: AgentName, id: string): Promise<boolean> {
  const verification: NewVerification = { execution_id: id, success: true, verified_by: "agent", timestamp: "" };
  return (await mergeVerifications(runs, agent, [verification], { dryRun: true }))[0] !== "refused";
}

/** The live run with this id. */
export async function findRun(runs: RunStore, agent: AgentName, id: string): Promise<Execution | undefined> {
  return (await scanRuns(runs, agent)).map(({ execution }) => execution).find((execution) => execution.id === id);
}

export async function namesOf(
  store: Pick<RunStore | LifecycleStore, "listAgents">,
  like?: string,
): Promise<AgentName[]> {
  return (await store.listAgents({ like })).map(({ name }) => name);
}
