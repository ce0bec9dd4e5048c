import type { AdviceEntry, RecommendationEvent } from "../domain/coaching/recommendation.ts";
import type { JsonObject } from "../domain/text/json.ts";

/**
 * What an optimizer leaves behind, and what became of it. The latest report replaces the one before; recommendations and
 * their events are only ever added, and stay through a crash and any number of processes. A line that cannot be read
 * hides no other.
 */
export interface OptimizerStore {
  /**
   * Replaces the report: a reader sees the old one or the new one, whole. The advice that it comes with is added first;
   * where either fails, both are as they were. After a crash the advice may be there without its report. Gives the path
   * (or name) of what was written. `text` is the JSON of a report from elsewhere, as its writer wrote it.
   */
  writeAnalysis(report: JsonObject, advice?: Advice, text?: string): Promise<string>;

  /** The latest report, or `undefined` where there is none. Fails with `IO_ERROR` where there is something that is none. */
  readAnalysis(): Promise<JsonObject | undefined>;

  /** Adds entries in order, and the events that belong to them: all of them or none. */
  appendRecommendations(
    entries: readonly RecommendationEntry[],
    events?: readonly RecommendationEvent[],
  ): Promise<void>;

  /** Every entry and every event that can be read, oldest first. */
  readAdvice(): Promise<ReadAdvice>;

  /** Adds what is not here yet of the advice of another store, and gives what that was. */
  merge(advice: Advice, texts?: ForeignTexts): Promise<Advice>;

  /**
   * Adds the event that `decide` makes of the advice as it stands, or nothing where it makes none; nobody else adds one
   * in between. What `decide` throws is thrown, and nothing is added. Gives the advice as it stands then.
   */
  change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<ReadAdvice>;

  /** A text that differs once any of this was written, by whichever process. Costs a look at each file from outside. */
  changeToken(): Promise<string>;
}

export interface Advice {
  readonly entries: readonly RecommendationEntry[];
  readonly events: readonly RecommendationEvent[];
}

/** The JSON of entries and events, each on one line. So they are to stand here, with numbers as their writers wrote them. */
export type ForeignTexts = ReadonlyMap<object, string>;

export interface ReadAdvice extends Advice {
  /** Lines that hold neither, and were passed over. */
  readonly damagedLines: number;
}

/** One line of `optimizer/recommendations.jsonl`, as ADR-004 has it: what an optimizer advised one agent at one time. */
export type RecommendationEntry = AdviceEntry;
