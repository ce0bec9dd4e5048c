import { isRunning, type Recommendation } from "../../domain/coaching/recommendation.ts";
import { trialId } from "../../domain/coaching/trial.ts";
import type { ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import { KaizenError } from "../../errors.ts";
import type { KaizenOptions } from "../base/options.ts";
import type { ReportedEvent } from "../figures/coverage.ts";

/** A run that begins, and is to be given a brief. */
export interface BeginningRun {
  readonly key: string;
  /** What the client calls the agent, if that is another name. */
  readonly agent_type?: string;
}

/** Under which name the coin of the brief's holdout is kept. Another share makes another test. */
export const HOLDOUT = "brief@";

/** The coins that decide what of an agent's advice a run is shown. */
export class TrialCoins {
  readonly #options: Pick<KaizenOptions, "coin" | "holdout">;

  constructor(options: Pick<KaizenOptions, "coin" | "holdout">) {
    this.#options = options;
  }

  /**
   * What of an agent's advice a run is shown, or "nothing" if it gets no brief. What the coins say is kept before anything
   * is shown; if that fails, what is on trial is left out, and the run takes part in nothing.
   */
  async shownTo<R extends Recommendation>(
    advice: readonly R[],
    run: BeginningRun | undefined,
    keep: (event: ReportedEvent) => Promise<ObservedRun>,
  ): Promise<readonly R[] | "nothing"> {
    const shares = new Map<string, number>();
    for (const { id, trial } of advice)
      if (id !== null && isRunning(trial)) shares.set(trialId(id, trial.number), trial.share);
    const holdout = run === undefined ? undefined : this.#options.holdout?.();
    const brief = `${HOLDOUT}${holdout}`;
    if (holdout !== undefined) shares.set(brief, 1 - holdout);
    const sides = run === undefined ? {} : await this.#assign(run, shares, keep);
    if (sides[brief] === false) return "nothing";
    return advice.filter(
      ({ id, trial }) => !isRunning(trial) || (id !== null && sides[trialId(id, trial.number)] === true),
    );
  }

  /** Throws the coins for a run and keeps what they say. A run that was assigned before stays as it was. */
  async #assign(
    { agent_type, key }: BeginningRun,
    shares: ReadonlyMap<string, number>,
    keep: (event: ReportedEvent) => Promise<ObservedRun>,
  ): Promise<Readonly<Record<string, boolean>>> {
    const assigned = this.#throwFor(key, shares);
    if (Object.keys(assigned).length === 0) return {};
    try {
      const event = { key, event: "started", assigned, ...(agent_type === undefined ? {} : { agent_type }) } as const;
      return (await keep(event)).assigned ?? {};
    } catch (error) {
      if (error instanceof KaizenError) return {};
      throw error;
    }
  }

  /** By trial, whether the coin says that the run is shown what is on trial: the same for the same run, whenever asked. */
  #throwFor(key: string, shares: ReadonlyMap<string, number>): Record<string, boolean> {
    const sides: Record<string, boolean> = {};
    for (const [id, share] of shares) {
      const side = this.#options.coin?.(`${id}\n${key}`);
      if (side !== undefined) sides[id] = side < share;
    }
    return sides;
  }
}
