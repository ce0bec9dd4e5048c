import {
  getRecommendation,
  isRunning,
  type Recommendation,
  type RecommendationEvent,
  type Trial,
} from "../../domain/coaching/recommendation.ts";
import {
  decisionOf,
  firstVerified,
  holdoutEvidence,
  standingOf,
  type TrialSettings,
  type TrialStanding,
  trialEvidence,
  trialId,
} from "../../domain/coaching/trial.ts";
import type { ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import type { ObservedRuns } from "../../domain/coverage/observed-runs.ts";
import { type AgentName, existingAgentNameSchema } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { KaizenError } from "../../errors.ts";
import type { KaizenOptions } from "../base/options.ts";
import type { ReportedEvent } from "../figures/coverage.ts";
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

/** What is added to a recommendation by its trials. */
type TrialEvent = Pick<RecommendationEvent, "change" | "decision" | "trial">;

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
  start(id: string, settings: Omit<TrialSettings, "number">): Promise<Recommendation> {
    return this.#change(id, (current) => {
      this.#expectPossible(current);
      const { status, trial } = current;
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
      return { change: "trial_started", trial: { number: (trial?.number ?? 0) + 1, ...settings } };
    });
  }

  /** Ends a trial before it is decided. Fails with `INVALID_ARGUMENT` if there is none under way. */
  stop(id: string): Promise<Recommendation> {
    return this.#change(id, ({ trial }) => {
      if (isRunning(trial)) return { change: "trial_stopped" };
      throw new KaizenError("INVALID_ARGUMENT", `${id} is not on trial.`, {
        hint: "kaizen-metrics recommendations lists those that are.",
      });
    });
  }

  /** Adds the event that `decide` makes of a recommendation as it stands, if it makes one, and gives what it comes to. */
  async #change(id: string, decide: (current: Recommendation) => TrialEvent | undefined): Promise<Recommendation> {
    const { now, store } = this.#options;
    const before = getRecommendation(standingIn(await store.advice.readAdvice()), id);
    const moment = momentOf(await overviewFor(store, before), formatInstant(now()));
    const advice = await store.advice.change((current) => {
      const event = decide(getRecommendation(standingIn(current), id));
      return event === undefined ? undefined : { id, ...moment, ...event };
    });
    return getRecommendation(standingIn(advice), id);
  }

  /** Measures the trials of some recommendations, and notes for good what those under way have come to. */
  async settle(standing: readonly Recommendation[]): Promise<ReadonlyMap<string, MeasuredTrial>> {
    const settled = new Map<string, MeasuredTrial>();
    for (const [id, trial] of await this.measured(standing)) settled.set(id, await this.#decide(id, trial));
    return settled;
  }

  /** What the trials of some recommendations have come to by now. Notes nothing. */
  async measured(standing: readonly Recommendation[]): Promise<ReadonlyMap<string, MeasuredTrial>> {
    const measured = new Map<string, MeasuredTrial>();
    for (const one of standing) {
      const trial = await this.#measure(one);
      if (one.id !== null && trial !== undefined) measured.set(one.id, trial);
    }
    return measured;
  }

  /** Notes what a trial has come to, the first time that its rule holds. */
  async #decide(id: string, measured: MeasuredTrial): Promise<MeasuredTrial> {
    const decision = isRunning(measured) ? decisionOf(measured.standing) : undefined;
    if (decision === undefined) return measured;
    const decided = await this.#change(id, ({ trial }) =>
      // Another process may have noted it, or a person may have stopped it.
      isRunning(trial) && trial.number === measured.number ? { change: "trial_decided", decision } : undefined,
    );
    return (await this.#measure(decided)) ?? measured;
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
  async #measure({ agent, id, trial }: Recommendation): Promise<MeasuredTrial | undefined> {
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
    return (await this.#options.store.lifecycle.overview(agent))?.seen.assigned ?? new Map();
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
    const found = await this.#options.store.runs.lookUp(
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
