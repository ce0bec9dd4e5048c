import * as z from "zod";
import type { Coverage } from "../coverage/coverage.ts";
import type { EvidenceFigures } from "../evidence/evidence-figures.ts";
import type { Stats } from "../figures/stats.ts";
import type { Summary } from "../figures/summary.ts";
import type { Recommendation } from "./recommendation.ts";
import type { SinceThen } from "./since-then.ts";

export const briefDetailSchema = z.enum(["short", "full"]);

export type BriefDetail = z.infer<typeof briefDetailSchema>;

/** A recommendation for the agent, with how the agent has done since, if it was adopted. */
export interface MeasuredRecommendation extends Recommendation {
  readonly sinceThen: SinceThen | undefined;
}

/** What is known of an agent when its brief is written. */
export interface BriefInput {
  readonly summary: Summary;
  readonly stats: Stats;
  /** On how many runs verifiers contradict each other. */
  readonly contradictions: number;
  /** How much of the agent's work the figures cover; `undefined` if no hook ever saw anything. */
  readonly coverage?: Coverage | undefined;
  /** What was seen of its runs beside its claims; `undefined` if nothing was. */
  readonly evidence?: EvidenceFigures | undefined;
  /** The agent's, in the order in which they were proposed; `undefined` if they cannot be read. */
  readonly recommendations: readonly MeasuredRecommendation[] | undefined;
}
