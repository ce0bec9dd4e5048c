import { missingAdvice } from "../../src/domain/coaching/merge-recommendations.ts";
import type { RecommendationEvent } from "../../src/domain/coaching/recommendation.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { Advice, OptimizerStore, ReadAdvice, RecommendationEntry } from "../../src/storage/store.ts";

/** What an optimizer leaves behind, as long as the process lives. */
export class MemoryOptimizer implements OptimizerStore {
  #report: JsonObject | undefined;
  #changes = 0;
  readonly #entries: RecommendationEntry[] = [];
  readonly #events: RecommendationEvent[] = [];

  async writeAnalysis(report: JsonObject, { entries, events }: Advice = { entries: [], events: [] }): Promise<string> {
    this.#report = structuredClone(report);
    await this.appendRecommendations(entries, events);
    return "analysis.json";
  }

  async readAnalysis(): Promise<JsonObject | undefined> {
    return structuredClone(this.#report);
  }

  async appendRecommendations(
    entries: readonly RecommendationEntry[],
    events: readonly RecommendationEvent[] = [],
  ): Promise<void> {
    this.#entries.push(...structuredClone(entries));
    this.#events.push(...structuredClone(events));
    this.#changes += 1;
  }

  async readAdvice(): Promise<ReadAdvice> {
    return { ...this.#advice(), damagedLines: 0 };
  }

  async merge(advice: Advice): Promise<Advice> {
    const { entries, events } = missingAdvice(this.#advice(), advice);
    if (entries.length + events.length > 0) await this.appendRecommendations(entries, events);
    return { entries, events };
  }

  async change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<ReadAdvice> {
    const event = decide(this.#advice());
    if (event !== undefined) {
      this.#events.push(structuredClone(event));
      this.#changes += 1;
    }
    return this.readAdvice();
  }

  async changeToken(): Promise<string> {
    return String(this.#changes);
  }

  #advice(): Advice {
    return structuredClone({ entries: this.#entries, events: this.#events });
  }
}
