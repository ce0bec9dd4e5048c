import {
  getRecommendation,
  isRunning,
  type Recommendation,
  type RecommendationEvent,
} from "../../domain/coaching/recommendation.ts";
import { decisionOf, type TrialSettings } from "../../domain/coaching/trial.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { KaizenError } from "../../errors.ts";
import type { KaizenOptions } from "../base/options.ts";
import { momentOf, overviewFor, standingIn } from "./standing-advice.ts";
import { type MeasuredTrial, TrialResults } from "./trial-results.ts";

type TrialsOptions = Pick<KaizenOptions, "store" | "now" | "coin">;

/** What is added to a recommendation by its trials. */
type TrialEvent = Pick<RecommendationEvent, "change" | "decision" | "trial">;

/** The life of a trial: what starts it, stops it, and decides it for good. */
export class Trials {
  readonly #options: TrialsOptions;
  /** What trials, and runs without a brief, have come to by now. */
  readonly results: TrialResults;

  constructor(options: TrialsOptions) {
    this.#options = options;
    this.results = new TrialResults(options.store);
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
    for (const [id, trial] of await this.results.measured(standing)) settled.set(id, await this.#decide(id, trial));
    return settled;
  }

  /** Notes what a trial has come to, the first time that its rule holds. */
  async #decide(id: string, measured: MeasuredTrial): Promise<MeasuredTrial> {
    const decision = isRunning(measured) ? decisionOf(measured.standing) : undefined;
    if (decision === undefined) return measured;
    const decided = await this.#change(id, ({ trial }) =>
      // Another process may have noted it, or a person may have stopped it.
      isRunning(trial) && trial.number === measured.number ? { change: "trial_decided", decision } : undefined,
    );
    return (await this.results.of(decided)) ?? measured;
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
}
