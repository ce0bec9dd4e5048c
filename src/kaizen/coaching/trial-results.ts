import type { Recommendation, Trial } from "../../domain/coaching/recommendation.ts";
import {
  firstVerified,
  holdoutEvidence,
  standingOf,
  type TrialSettings,
  type TrialStanding,
  trialEvidence,
  trialId,
} from "../../domain/coaching/trial.ts";
import type { ObservedRuns } from "../../domain/coverage/observed-runs.ts";
import { type AgentName, existingAgentNameSchema } from "../../domain/run/agent-name.ts";
import type { Store } from "../../storage/store.ts";
import { HOLDOUT } from "./trial-coins.ts";

/** A trial with what it has come to by now, for people. */
export interface MeasuredTrial extends Trial {
  readonly standing: TrialStanding;
  readonly evidence: string;
}

/** What runs with a brief and runs without one tell. */
export interface Holdout {
  /** The share of runs that got no brief. */
  readonly heldOut: number;
  readonly standing: TrialStanding;
  readonly evidence: string;
}

/** What the coins tell, from the runs that they were thrown for. Notes nothing. */
export class TrialResults {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** By recommendation, what the trials of some have come to by now. */
  async measured(standing: readonly Recommendation[]): Promise<ReadonlyMap<string, MeasuredTrial>> {
    const measured = new Map<string, MeasuredTrial>();
    for (const one of standing) {
      const trial = await this.of(one);
      if (one.id !== null && trial !== undefined) measured.set(one.id, trial);
    }
    return measured;
  }

  /** What a trial has come to. Its cost goes with the number of runs that took part, not with the history. */
  async of({ agent, id, trial }: Recommendation): Promise<MeasuredTrial | undefined> {
    const name = existingAgentNameSchema.safeParse(agent);
    if (id === null || trial === undefined || !name.success) return undefined;
    const assigned = await this.#assigned(name.data);
    const standing = await this.#standingOf(name.data, assigned, trialId(id, trial.number), trial);
    const evidence = trialEvidence(trial, standing, trial.decision, trial.stoppedAt !== undefined);
    return { ...trial, standing, evidence };
  }

  /** What the runs without a brief tell, for each share that was set. */
  async holdouts(agent: AgentName): Promise<Holdout[]> {
    const assigned = await this.#assigned(agent);
    const ids = new Set([...assigned.values()].flatMap((sides) => Object.keys(sides)));
    const holdouts: Holdout[] = [];
    for (const id of [...ids].filter((one) => one.startsWith(HOLDOUT)).sort()) {
      const heldOut = Number(id.slice(HOLDOUT.length));
      if (!(heldOut > 0 && heldOut < 1)) continue;
      const standing = await this.#standingOf(agent, assigned, id, { share: 1 - heldOut, outcome: "verified" });
      holdouts.push({ heldOut, standing, evidence: holdoutEvidence(standing) });
    }
    return holdouts;
  }

  /** By run, and by trial, whether the run was shown what was on trial. */
  async #assigned(agent: AgentName): Promise<ObservedRuns["assigned"]> {
    return (await this.#store.lifecycle.overview(agent))?.seen.assigned ?? new Map();
  }

  async #standingOf(
    agent: AgentName,
    assigned: ObservedRuns["assigned"],
    id: string,
    { outcome, share }: Pick<TrialSettings, "share" | "outcome">,
  ): Promise<TrialStanding> {
    const sides = [...assigned].flatMap(([key, { [id]: isShown }]) =>
      isShown === undefined ? [] : [{ key, isShown }],
    );
    const found = await this.#store.runs.lookUp(
      agent,
      sides.map(({ key }) => key),
    );
    const outcomeOf = (key: string) => {
      const run = found.get(key);
      const claimed = outcome === "claimed" ? run?.execution.success : undefined;
      return firstVerified(run?.verifications ?? []) ?? claimed;
    };
    return standingOf(
      sides.map(({ isShown, key }) => ({ isShown, outcome: outcomeOf(key) })),
      share,
    );
  }
}
