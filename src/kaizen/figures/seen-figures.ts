import {
  type EvidenceFigures,
  evidenceFigures,
  JUDGED_RUNS,
  type JudgedRun,
} from "../../domain/evidence/evidence-figures.ts";
import type { EvidenceView } from "../../domain/evidence/evidence-history.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { foldVerifications, verifiedOutcome } from "../../domain/verification/verification.ts";
import type { EvidenceOverview, Store } from "../../storage/store.ts";
import { Remembered } from "./remembered.ts";

/** What changes with time alone changes by the hour: runs that expire, and those that never ended. */
const REMEMBERED_MS = 3_600_000;

/** What evidence tells of agents beside their claims. To look 200 runs up takes longer than all else in a summary. */
export class SeenFigures {
  readonly #store: Pick<Store, "runs" | "evidence">;
  readonly #remembered = new Remembered<{ readonly token: string; readonly figures: EvidenceFigures }>();

  constructor(store: Pick<Store, "runs" | "evidence">) {
    this.#store = store;
  }

  /** `undefined` if no evidence is kept of the agent. Costs nothing with the history. */
  async of(
    agent: AgentName,
    overview: EvidenceOverview | undefined,
    now: number,
  ): Promise<EvidenceFigures | undefined> {
    if (overview === undefined || overview.seen.totals.runs === 0) return undefined;
    const { evidence, runs } = this.#store;
    const tokens = [await runs.changeToken(agent), await evidence.changeToken(agent)];
    const token = JSON.stringify([...tokens, Math.floor(now / REMEMBERED_MS)]);
    const known = this.#remembered.get(agent);
    if (known?.token === token) return known.figures;
    const figures = evidenceFigures(overview.seen, await this.#judged(agent, overview.seen), now);
    this.#remembered.set(agent, { token, figures });
    return figures;
  }

  async #judged(agent: AgentName, { recent }: EvidenceView): Promise<JudgedRun[]> {
    const last = [...recent].slice(-JUDGED_RUNS);
    const keys = last.map(([key]) => key);
    const onRecord = await this.#store.runs.lookUp(agent, keys);
    return last.map(([key, evidence]): JudgedRun => {
      const run = onRecord.get(key);
      const [said] = foldVerifications(run?.verifications ?? []).values();
      return {
        evidence,
        reported: run === undefined ? undefined : { executionId: run.execution.id, claim: run.execution.success },
        verified: said === undefined ? undefined : verifiedOutcome(said),
        verdict: said?.verifications.human ?? said?.verifications.ci,
      };
    });
  }
}
