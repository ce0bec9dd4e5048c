import type { AgentName } from "../domain/run/agent-name.ts";
import { formatInstant } from "../domain/run/time.ts";
import {
  type ReportedVerification,
  type VerificationReceipt,
  verificationReceipt,
} from "../domain/verification/verification.ts";
import type { KaizenOptions } from "./options.ts";

/** Keeps what an independent verification of a run found. `agent` is the name of the report in the form of the store. */
export async function verifyRun(
  { now, store }: Pick<KaizenOptions, "now" | "store">,
  agent: AgentName,
  report: ReportedVerification,
): Promise<VerificationReceipt> {
  const { agent: _, ...verification } = report;
  const [result] = await store.runs.verify(agent, [{ ...verification, timestamp: formatInstant(now()) }]);
  if (result === undefined) throw new Error("a store answers for each verification");
  if (result.kind === "refused") throw result.error;
  const { verified } = await store.runs.overview(agent);
  return verificationReceipt({ ...report, agent }, result.run, verified);
}
