import { type Analysis, recommendationId } from "../../domain/coaching/analysis.ts";
import type { MeasuredRecommendation } from "../../domain/coaching/brief-input.ts";
import {
  getRecommendation,
  isRealChange,
  type Moment,
  type Recommendation,
  type RecommendationEvent,
  type UpdateRecommendation,
} from "../../domain/coaching/recommendation.ts";
import { baselineOf, type RunOutcome, sinceThen } from "../../domain/coaching/since-then.ts";
import { type AgentName, isSameName } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import type { JsonObject } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import type { VerifiedOverview } from "../../storage/store.ts";
import { isOfWholeStore } from "../base/among-latest.ts";
import type { KaizenOptions } from "../base/options.ts";
import { outcomesOf } from "../figures/agent-summary.ts";
import { momentOf, overviewFor, standingIn } from "./standing-advice.ts";

export interface RecommendationsOptions extends Pick<KaizenOptions, "store" | "now" | "randomHex"> {
  readonly knownAgent: (agent: string) => Promise<AgentName>;
}

/** The life of recommendations: proposed with an analysis, changed one at a time, measured against the runs since. */
export class Recommendations {
  readonly #options: RecommendationsOptions;

  constructor(options: RecommendationsOptions) {
    this.#options = options;
  }

  /** Stores the optimizer's report and its advice; gives the path of the report and an id for each recommendation. */
  async propose(analysis: Analysis): Promise<{ path: string; recommendation_ids: string[] }> {
    const { advice: kept, runs } = this.#options.store;
    const entries = new Map<AgentName, { moment: Moment; recommendations: JsonObject[] }>();
    const events: RecommendationEvent[] = [];
    const timestamp = formatInstant(this.#options.now());
    for (const { agent, ...advice } of analysis.recommendations ?? []) {
      const name = await this.#options.knownAgent(agent);
      const entry = entries.get(name) ?? {
        moment: momentOf(await runs.overview(name), timestamp),
        recommendations: [],
      };
      entries.set(name, entry);
      const id = recommendationId(this.#options.randomHex());
      events.push({ id, change: "proposed", ...entry.moment });
      entry.recommendations.push({ id, ...definedParts(advice) });
    }
    const lines = [...entries].map(([agent, { moment, recommendations }]) => ({
      timestamp,
      agent,
      metrics_count: moment.execution_count,
      recommendations,
    }));
    const path = await kept.writeAnalysis(analysis.report, { entries: lines, events });
    return { path, recommendation_ids: events.map(({ id }) => id) };
  }

  /** Every recommendation as it stands, or those for one agent, oldest first, with the runs since the adopted ones. */
  async all(agent?: string): Promise<MeasuredRecommendation[]> {
    const meant = await this.standing(agent);
    const runs = new Map<string, readonly RunOutcome[] | undefined>();
    for (const recommendation of meant) {
      // Only adopted ones are measured.
      if (recommendation.adopted === undefined || runs.has(recommendation.agent)) continue;
      runs.set(recommendation.agent, await this.#outcomesFor(recommendation));
    }
    return meant.map((one) => {
      const outcomes = runs.get(one.agent);
      return { ...one, sinceThen: outcomes === undefined ? undefined : sinceThen(one, outcomes) };
    });
  }

  /** Whether there is a report. One that cannot be read counts too: its reader is told why. */
  async hasAnalysis(): Promise<boolean> {
    try {
      return (await this.#options.store.advice.readAnalysis()) !== undefined;
    } catch (error) {
      if (error instanceof KaizenError) return true;
      throw error;
    }
  }

  /** Every recommendation as it stands, or those for one agent, oldest first. Reads no agent's runs. */
  async standing(agent?: string): Promise<Recommendation[]> {
    const name = agent === undefined ? undefined : await this.#options.knownAgent(agent);
    const standing = standingIn(await this.#options.store.advice.readAdvice());
    return name === undefined ? standing : standing.filter((one) => isSameName(one.agent, name));
  }

  /** How many lines of the optimizer's files say nothing that can be read; 0 if the files as a whole cannot be. */
  async unreadLines(): Promise<number> {
    return (await unlessUnreadable(() => this.#options.store.advice.readAdvice()))?.unreadable ?? 0;
  }

  /** Each with the runs since it was adopted; `undefined` if the optimizer's files cannot be read. */
  async readableAll(): Promise<MeasuredRecommendation[] | undefined> {
    return unlessUnreadable(() => this.all());
  }

  /** As far as there is anything to be read: `undefined` if the optimizer's files cannot be. */
  async readable(agent?: string): Promise<Recommendation[] | undefined> {
    return unlessUnreadable(() => this.standing(agent));
  }

  /**
   * Notes what became of a recommendation. The same again changes nothing. Fails with `NOT_FOUND` for an unknown id, and
   * with `INVALID_ARGUMENT` if the change is not possible from where the recommendation stands.
   */
  async update({ id, status, note }: UpdateRecommendation): Promise<MeasuredRecommendation> {
    const { advice: kept } = this.#options.store;
    const overview = await overviewFor(this.#options.store, getRecommendation(standingIn(await kept.readAdvice()), id));
    const moment = momentOf(overview, formatInstant(this.#options.now()));
    const advice = await kept.change((current) => {
      const { proposed, ...standing } = getRecommendation(standingIn(current), id);
      if (!isRealChange(standing, status)) return undefined;
      const event = { id, change: status, ...moment, ...(note === undefined ? {} : { note }) };
      return status === "adopted" ? { ...event, before: baselineOf(outcomesOf(overview), proposed) } : event;
    });
    const changed = getRecommendation(standingIn(advice), id);
    return { ...changed, sinceThen: sinceThen(changed, outcomesOf(overview)) };
  }

  /** One agent's recommendations, measured against runs that were read already; `undefined` if they cannot be read. */
  async measuredBy(agent: AgentName, overview: VerifiedOverview): Promise<MeasuredRecommendation[] | undefined> {
    const runs = outcomesOf(overview);
    const standing = await this.readable(agent);
    return standing?.map((recommendation) => ({ ...recommendation, sinceThen: sinceThen(recommendation, runs) }));
  }

  /** The outcomes of the agent's runs; `undefined` if its log is unreadable, which hides no recommendation. */
  async #outcomesFor(recommendation: Recommendation): Promise<RunOutcome[] | undefined> {
    try {
      return outcomesOf(await overviewFor(this.#options.store, recommendation));
    } catch (error) {
      if (isOfWholeStore(error)) throw error;
      return undefined;
    }
  }
}

async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof KaizenError) || isOfWholeStore(error)) throw error;
    return undefined;
  }
}

function definedParts(parts: Record<string, string | number | boolean | undefined>): JsonObject {
  const defined: JsonObject = {};
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) defined[name] = value;
  return defined;
}
