import {
  getRecommendation,
  isRunning,
  type Recommendation,
  type RecommendationEvent,
  type Trial,
} from "../domain/coaching/recommendation.ts";
import {
  decisionOf,
  firstVerified,
  holdoutEvidence,
  standingOf,
  type TrialOutcome,
  type TrialRun,
  type TrialSettings,
  type TrialStanding,
  trialEvidence,
  trialId,
} from "../domain/coaching/trial.ts";
import type { ObservedRun } from "../domain/coverage/lifecycle-event.ts";
import type { AgentName } from "../domain/run/agent-name.ts";
import { existingAgentNameSchema } from "../domain/run/agent-name.ts";
import { formatInstant } from "../domain/run/time.ts";
import { KaizenError } from "../errors.ts";
import type { ReportedEvent } from "./coverage.ts";
import type { KaizenOptions } from "./options.ts";
import { momentOf, overviewFor, standingIn } from "./standing-advice.ts";

/** A trial with what it has come to by now, for people. */
export interface MeasuredTrial extends Trial {
  readonly standing: TrialStanding;
  readonly evidence: string;
}

/** A run that begins, and is to be given a brief. */
export interface BeginningRun {
  readonly key: string;
  /** What the client calls the agent, if that is another name. */
  readonly agent_type?: string;
}

/** What runs with a brief and runs without one tell. */
export interface Holdout {
  /** The share of runs that got no brief. */
  readonly heldOut: number;
  readonly standing: TrialStanding;
  readonly evidence: string;
}

/** Under which name the coin of the brief's holdout is kept. Another share makes another test. */
const HOLDOUT = "brief@";

export type TrialsOptions = Pick<KaizenOptions, "store" | "now" | "coin" | "holdout">;

/** Coins that are thrown for runs, and what they tell. */
export class Trials {
  readonly #options: TrialsOptions;

  constructor(options: TrialsOptions) {
    this.#options = options;
  }

  /**
   * Starts a trial: from now on each run of the agent is shown the advice, or not, as a coin says. Fails with
   * `INVALID_ARGUMENT` if the advice is marked as safety advice, is out of the question, or is on trial already.
   */
  async start(id: string, settings: Omit<TrialSettings, "number">): Promise<Recommendation> {
    const { advice: optimizer } = this.#options.store;
    const found = getRecommendation(standingIn(await optimizer.readAdvice()), id);
    this.#expectPossible(found);
    const moment = momentOf(await overviewFor(this.#options.store, found), formatInstant(this.#options.now()));
    const advice = await optimizer.change((current) => {
      const { status, trial } = getRecommendation(standingIn(current), id);
      if (status !== "proposed" && status !== "adopted") {
        throw new KaizenError(
          "INVALID_ARGUMENT",
          `${id} is ${status}; only advice that is proposed or adopted can be tried.`,
          {
            hint: `Reopen it first: kaizen-metrics recommendations update ${id} --status reopened.`,
          },
        );
      }
      if (isRunning(trial)) {
        throw new KaizenError("INVALID_ARGUMENT", `${id} has been on trial since ${trial.startedAt}.`, {
          hint: `Stop it first: kaizen-metrics recommendations stop ${id}.`,
        });
      }
      return { id, change: "trial_started", ...moment, trial: { number: (trial?.number ?? 0) + 1, ...settings } };
    });
    return getRecommendation(standingIn(advice), id);
  }

  /** Ends a trial before it is decided. Fails with `INVALID_ARGUMENT` if there is none under way. */
  async stop(id: string): Promise<Recommendation> {
    const { advice: optimizer } = this.#options.store;
    const found = getRecommendation(standingIn(await optimizer.readAdvice()), id);
    const moment = momentOf(await overviewFor(this.#options.store, found), formatInstant(this.#options.now()));
    const advice = await optimizer.change((current) => {
      if (isRunning(getRecommendation(standingIn(current), id).trial))
        return { id, change: "trial_stopped", ...moment };
      throw new KaizenError("INVALID_ARGUMENT", `${id} is not on trial.`, {
        hint: "kaizen-metrics recommendations lists those that are.",
      });
    });
    return getRecommendation(standingIn(advice), id);
  }

  /** Measures the trials of some recommendations, and notes for good what those under way have come to. */
  async settle(standing: readonly Recommendation[]): Promise<ReadonlyMap<string, MeasuredTrial>> {
    const measured = new Map<string, MeasuredTrial>();
    for (const one of standing) {
      const trial = one.id === null ? undefined : await this.measure(one);
      if (one.id !== null && trial !== undefined) measured.set(one.id, await this.#decide(one.id, one, trial));
    }
    return measured;
  }

  async #decide(id: string, one: Recommendation, measured: MeasuredTrial): Promise<MeasuredTrial> {
    const { store } = this.#options;
    const decided = this.#decision(measured);
    if (decided === undefined) return measured;
    const moment = momentOf(await overviewFor(this.#options.store, one), formatInstant(this.#options.now()));
    const advice = await store.advice.change((current) => {
      const { trial } = getRecommendation(standingIn(current), id);
      // Another process may have noted it, or a person may have stopped it.
      return isRunning(trial) && trial.number === measured.number ? { id, ...decided, ...moment } : undefined;
    });
    return (await this.measure(getRecommendation(standingIn(advice), id))) ?? measured;
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

  /** Fails unless this machine has a secret for the coins, and the advice may go without being shown. */
  #expectPossible({ id, safety }: Recommendation): void {
    if (safety) {
      throw new KaizenError("INVALID_ARGUMENT", `${id} is marked as safety advice: leaving it out may do harm.`, {
        hint: "Adopt it for all runs instead.",
      });
    }
    if (this.#options.coin?.("") !== undefined) return;
    throw new KaizenError(
      "INVALID_ARGUMENT",
      "This machine keeps no secret for this project, so no coin can be thrown.",
      {
        hint: "See kaizen-metrics trust: a store that came from elsewhere has to be accepted first.",
      },
    );
  }

  /** What a trial has come to. Its cost goes with the number of runs that took part, not with the history. */
  async measure({ agent, id, trial }: Recommendation): Promise<MeasuredTrial | undefined> {
    const name = existingAgentNameSchema.safeParse(agent);
    if (id === null || trial === undefined || !name.success) return undefined;
    const standing = await this.standing(name.data, trialId(id, trial.number), trial);
    const evidence = trialEvidence(trial, standing, trial.decision, trial.stoppedAt !== undefined);
    return { ...trial, standing, evidence };
  }

  async standing(
    agent: AgentName,
    id: string,
    settings: Pick<TrialSettings, "share" | "outcome">,
  ): Promise<TrialStanding> {
    return standingOf(await this.#runsOf(agent, id, settings.outcome), settings.share);
  }

  /** The event that ends a trial, the first time that its rule holds. */
  #decision(measured: MeasuredTrial): Pick<RecommendationEvent, "change" | "decision"> | undefined {
    const decision = isRunning(measured) ? decisionOf(measured.standing) : undefined;
    return decision === undefined ? undefined : { change: "trial_decided", decision };
  }

  /** What the runs without a brief tell, for each share that was set. */
  async holdouts(agent: AgentName): Promise<Holdout[]> {
    const assigned = (await this.#options.store.lifecycle.overview(agent))?.seen.assigned ?? new Map();
    const ids = new Set([...assigned.values()].flatMap((sides) => Object.keys(sides)));
    const holdouts: Holdout[] = [];
    for (const id of [...ids].filter((one) => one.startsWith(HOLDOUT)).sort()) {
      const heldOut = Number(id.slice(HOLDOUT.length));
      if (!(heldOut > 0 && heldOut < 1)) continue;
      const standing = await this.standing(agent, id, { share: 1 - heldOut, outcome: "verified" });
      holdouts.push({ heldOut, standing, evidence: holdoutEvidence(standing) });
    }
    return holdouts;
  }

  async #runsOf(agent: AgentName, id: string, outcome: TrialOutcome): Promise<TrialRun[]> {
    const { lifecycle, runs } = this.#options.store;
    const assigned = (await lifecycle.overview(agent))?.seen.assigned ?? new Map();
    const sides = new Map<string, boolean>();
    for (const [key, byTrial] of assigned) {
      const side = byTrial[id];
      if (side !== undefined) sides.set(key, side);
    }
    const found = await runs.lookUp(agent, [...sides.keys()]);
    return [...sides].map(([key, isShown]) => {
      const run = found.get(key);
      if (run === undefined) return { isShown, outcome: undefined };
      const verified = firstVerified(run.verifications);
      return { isShown, outcome: verified ?? (outcome === "claimed" ? run.execution.success : undefined) };
    });
  }
}
