import {
  type EvidenceFigures,
  evidenceFigures,
  JUDGED_RUNS,
  type JudgedRun,
} from "../domain/evidence/evidence-figures.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import { foldVerifications, verifiedOutcome } from "../domain/verification/verification.ts";
import type { EvidenceOverview, Store } from "../storage/store.ts";

/** What evidence tells of an agent beside its claims; `undefined` if none was kept. Costs nothing with the history. */
export async function seenFigures(
  store: Pick<Store, "runs">,
  agent: AgentName,
  overview: EvidenceOverview | undefined,
  now: number,
): Promise<EvidenceFigures | undefined> {
  if (overview === undefined || overview.seen.totals.runs === 0) return undefined;
  const last = [...overview.seen.recent].slice(-JUDGED_RUNS);
  const onRecord = await store.runs.lookUp(
    agent,
    last.map(([key]) => key),
  );
  const judged = last.map(([key, evidence]): JudgedRun => {
    const run = onRecord.get(key);
    const id = run?.execution.id;
    const [said] = foldVerifications(run?.verifications ?? []).values();
    return {
      evidence,
      reported: run === undefined || id === undefined ? undefined : { executionId: id, claim: run.execution.success },
      verified: said === undefined ? undefined : verifiedOutcome(said),
      verdict: said?.verifications.human ?? said?.verifications.ci,
    };
  });
  return evidenceFigures(overview.seen, judged, now);
}
