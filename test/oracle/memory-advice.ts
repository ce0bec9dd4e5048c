import { missingAdvice } from "../../src/domain/coaching/merge-recommendations.ts";
import type { AdviceEntry, RecommendationEvent } from "../../src/domain/coaching/recommendation.ts";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { Advice, AdviceStore, ReadAdvice } from "../../src/storage/store.ts";

/** What an optimizer leaves behind, as long as the process lives. */
export class MemoryAdvice implements AdviceStore {
  #report: JsonObject | undefined;
  #changes = 0;
  #entries: AdviceEntry[] = [];
  #events: RecommendationEvent[] = [];

  async writeAnalysis(report: JsonObject, advice: Advice = { entries: [], events: [] }): Promise<string> {
    this.#report = structuredClone(report);
    this.#add(advice);
    return "analysis.json";
  }

  async readAnalysis(): Promise<JsonObject | undefined> {
    return structuredClone(this.#report);
  }

  async readAdvice(): Promise<ReadAdvice> {
    return { ...this.#advice(), unreadable: 0 };
  }

  async merge(advice: Advice): Promise<Advice> {
    const { entries, events } = missingAdvice(this.#advice(), advice);
    if (entries.length + events.length > 0) this.#add({ entries, events });
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

  /** How many pieces of advice there are for an agent. */
  countOf(agent: AgentName): number {
    return this.#idsFor(agent).size;
  }

  /** Gives the advice for an agent to another one, or removes it with what became of it. */
  give(from: AgentName, into: AgentName | undefined): void {
    const ids = this.#idsFor(from);
    this.#entries = this.#entries.flatMap((entry) =>
      entry.agent !== from ? [entry] : into === undefined ? [] : [{ ...entry, agent: into }],
    );
    if (into === undefined) this.#events = this.#events.filter(({ id }) => !ids.has(id));
    this.#changes += 1;
  }

  #idsFor(agent: AgentName): ReadonlySet<unknown> {
    const mine = this.#entries.filter((entry) => entry.agent === agent);
    return new Set(mine.flatMap(({ recommendations }) => recommendations.flatMap(({ id }) => id ?? [])));
  }

  #add({ entries, events }: Advice): void {
    this.#entries.push(...structuredClone(entries));
    this.#events.push(...structuredClone(events));
    this.#changes += 1;
  }

  #advice(): Advice {
    return structuredClone({ entries: this.#entries, events: this.#events });
  }
}
