import * as z from "zod";
import { KaizenError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import { nearestName } from "../text/nearest-name.ts";
import { plainLine } from "../text/plain-text.ts";
import {
  type TrialDecision,
  type TrialSettings,
  trialDecisionSchema,
  trialOutcomeSchema,
  trialShareSchema,
} from "./trial.ts";

/** Where a recommendation stands. */
export const recommendationStatusSchema = z.enum(["proposed", "adopted", "rejected", "superseded"]);

export type RecommendationStatus = z.infer<typeof recommendationStatusSchema>;

/** What can happen to it. `reopened` makes it a proposal again. */
export const recommendationChangeSchema = z.enum(["adopted", "rejected", "superseded", "reopened"]);

export type RecommendationChange = z.infer<typeof recommendationChangeSchema>;

/** A change as it is asked for. */
export const updateRecommendationSchema = z.strictObject({
  id: z.string().describe('e.g. "rec_3f9a…"'),
  status: recommendationChangeSchema.describe("reopened: proposed again"),
  note: z.string().max(8000).optional().describe("Why"),
});

export type UpdateRecommendation = z.infer<typeof updateRecommendationSchema>;

/** A point in an agent's history, so that later one can tell which runs came after it. */
const momentSchema = z.object({
  timestamp: z.string(),
  /** How many live runs the agent had then. */
  execution_count: z.int().min(0),
  /** The id of the last of them; `null` if there was none, or it has no id. */
  after_execution: z.string().nullable(),
});

export type Moment = z.infer<typeof momentSchema>;

/** The runs before adoption, without the failures that led to the proposal. */
const baselineSchema = z.object({
  runs: z.int().min(0),
  successes: z.int().min(0),
  left_out: z.int().min(0).describe("Failures immediately before the proposal, left out"),
  /** The outcomes of the last 60 of all runs before it, 1 and 0, oldest first: they tell whether a change is older. */
  outcomes: z
    .string()
    .regex(/^[01]{0,60}$/)
    .optional(),
});

export type Baseline = z.infer<typeof baselineSchema>;

/** One change, as it is appended. An adoption carries its baseline: the runs it is made of may be gone later. */
export const recommendationEventSchema = momentSchema.extend({
  id: z.string(),
  change: z.enum([
    "proposed",
    ...recommendationChangeSchema.options,
    "trial_started",
    "trial_stopped",
    "trial_decided",
  ]),
  note: z.string().optional(),
  before: baselineSchema.optional(),
  /** Of a trial that starts. */
  trial: z.object({ number: z.int().min(1), share: trialShareSchema, outcome: trialOutcomeSchema }).optional(),
  /** Of a trial that was decided. */
  decision: trialDecisionSchema.optional(),
});

export type RecommendationEvent = z.infer<typeof recommendationEventSchema>;

/** The last trial of a recommendation. */
export interface Trial extends TrialSettings {
  readonly startedAt: string;
  /** When a person ended it, or the recommendation came to stand elsewhere. */
  readonly stoppedAt: string | undefined;
  readonly decision: (TrialDecision & { readonly timestamp: string }) | undefined;
}

type RunningTrial = Pick<Trial, "number"> & { readonly stoppedAt: undefined; readonly decision: undefined };

/** Whether runs are assigned to it. */
export function isRunning<T extends Trial>(trial: T | undefined): trial is T & RunningTrial {
  return trial !== undefined && trial.stoppedAt === undefined && trial.decision === undefined;
}

/** A recommendation as it stands now. */
export interface Recommendation {
  /** `null` if another writer gave none: such a one can be read, not changed. */
  readonly id: string | null;
  readonly agent: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly priority: number | undefined;
  /** Whether its writer said that leaving it out may do harm: then no coin is thrown for it. */
  readonly safety: boolean;
  readonly status: RecommendationStatus;
  readonly proposed: Moment;
  /** When it came to stand where it stands, and the note of that change. */
  readonly changedAt: string;
  readonly note: string | undefined;
  /** While it is adopted: when that was, and what it is measured against. */
  readonly adopted: (Moment & { readonly before: Baseline | undefined }) | undefined;
  readonly trial: Trial | undefined;
}

/** A line of the ADR-004 file: what an optimizer advised one agent at one time. */
export interface AdviceEntry {
  readonly timestamp: string;
  readonly agent: string;
  readonly metrics_count: number | null;
  readonly recommendations: readonly JsonObject[];
}

const legalChanges: Readonly<Record<RecommendationStatus, readonly RecommendationChange[]>> = {
  proposed: ["adopted", "rejected", "superseded"],
  adopted: ["rejected", "superseded", "reopened"],
  rejected: ["reopened"],
  superseded: ["reopened"],
};

/** The status that a change leads to. */
function statusAfter(change: RecommendationChange): RecommendationStatus {
  return change === "reopened" ? "proposed" : change;
}

/**
 * Whether a change would alter anything: the same again does not, and needs no event. Throws `INVALID_ARGUMENT` where
 * the change is not possible from where the recommendation stands.
 */
export function isRealChange(recommendation: Pick<Recommendation, "id" | "status">, change: RecommendationChange) {
  const { id, status } = recommendation;
  if (statusAfter(change) === status) return false;
  if (legalChanges[status].includes(change)) return true;
  throw new KaizenError("INVALID_ARGUMENT", `${id} is ${status}; it cannot become ${change} from there.`, {
    hint: `Send status "reopened" first, then "${change}".`,
  });
}

/** Every recommendation as it stands, in the order in which they were proposed. Events of unknown ones are passed over. */
export function foldRecommendations(
  entries: readonly AdviceEntry[],
  events: readonly RecommendationEvent[],
): Recommendation[] {
  const standing = entries.flatMap((entry) => entry.recommendations.map((advice) => readAdvice(entry, advice)));
  const places = new Map(standing.map((recommendation, place) => [recommendation.id, place]));
  for (const event of events) {
    const place = places.get(event.id) ?? -1;
    const recommendation = standing[place];
    if (recommendation !== undefined) standing[place] = applyEvent(recommendation, event);
  }
  return standing;
}

/** The recommendation with an id. Throws `NOT_FOUND`, naming the nearest id, if there is none. */
export function getRecommendation(standing: readonly Recommendation[], id: string): Recommendation {
  const found = standing.find((recommendation) => recommendation.id === id);
  if (found !== undefined) return found;
  const nearest = nearestName(
    id,
    standing.flatMap((recommendation) => recommendation.id ?? []),
  );
  throw new KaizenError("NOT_FOUND", `There is no recommendation ${JSON.stringify(id.slice(0, 80))}.`, {
    hint:
      nearest === undefined
        ? "Ids are in the receipt of write_optimizer_analysis and in the agent's brief."
        : `Did you mean ${nearest}?`,
  });
}

const idPattern = /^rec_[0-9a-f]{20}$/;

/** Other writers may have put any object there: what reads like advice is taken for its title. */
function readAdvice(entry: AdviceEntry, advice: JsonObject): Recommendation {
  const { id, title, recommendation, text, description, detail, priority, safety } = advice;
  const words = [title, recommendation, text, description].find((value) => typeof value === "string");
  return {
    id: typeof id === "string" && idPattern.test(id) ? id : null,
    agent: entry.agent,
    title: plainLine(typeof words === "string" ? words : JSON.stringify(advice), 300),
    detail: typeof detail === "string" ? detail : undefined,
    priority: readPriority(priority),
    safety: safety === true,
    status: "proposed",
    proposed: { timestamp: entry.timestamp, execution_count: entry.metrics_count ?? 0, after_execution: null },
    changedAt: entry.timestamp,
    note: undefined,
    adopted: undefined,
    trial: undefined,
  };
}

function readPriority(priority: JsonValue | undefined): number | undefined {
  return typeof priority === "number" && Number.isInteger(priority) && priority >= 1 && priority <= 5
    ? priority
    : undefined;
}

/** Two processes may have appended changes that exclude each other: the first counts, as if the second had been refused. */
function applyEvent(recommendation: Recommendation, event: RecommendationEvent): Recommendation {
  const { timestamp, execution_count, after_execution, change, note, before } = event;
  const moment = { timestamp, execution_count, after_execution };
  if (change === "proposed") return { ...recommendation, proposed: moment };
  if (change === "trial_started" || change === "trial_stopped" || change === "trial_decided") {
    return { ...recommendation, trial: trialAfter(recommendation.trial, event) };
  }
  if (!legalChanges[recommendation.status].includes(change)) return recommendation;
  return {
    ...recommendation,
    status: statusAfter(change),
    changedAt: timestamp,
    note,
    adopted: change === "adopted" ? { ...moment, before } : undefined,
    // Runs after it would no longer differ by the coin alone.
    trial: isRunning(recommendation.trial) ? { ...recommendation.trial, stoppedAt: timestamp } : recommendation.trial,
  };
}

/** Of two processes that start, stop or decide a trial the first counts. */
function trialAfter(trial: Trial | undefined, event: RecommendationEvent): Trial | undefined {
  const { change, decision, timestamp } = event;
  if (change === "trial_started") {
    if (isRunning(trial) || event.trial === undefined) return trial;
    return { ...event.trial, startedAt: timestamp, stoppedAt: undefined, decision: undefined };
  }
  if (!isRunning(trial)) return trial;
  if (change === "trial_stopped") return { ...trial, stoppedAt: timestamp };
  return decision === undefined ? trial : { ...trial, decision: { ...decision, timestamp } };
}
