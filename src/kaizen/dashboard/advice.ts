import type { MeasuredRecommendation } from "../../domain/coaching/brief-input.ts";
import { isRunning } from "../../domain/coaching/recommendation.ts";
import { ratedOf } from "../../domain/dashboard/rated.ts";
import type { AdviceModel } from "../../domain/dashboard/view-model.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { MeasuredTrial } from "../coaching/trial-results.ts";
import { NAME_CHARACTERS, shownInstant } from "./agent-row.ts";

const TITLE_CHARACTERS = 200;
const DETAIL_CHARACTERS = 600;

/** A recommendation with what can be told of it: how runs went since, and what its coin says. */
export function adviceModel(one: MeasuredRecommendation, trial: MeasuredTrial | undefined): AdviceModel {
  return {
    id: one.id,
    agent: plainLine(one.agent, NAME_CHARACTERS),
    title: plainLine(one.title, TITLE_CHARACTERS),
    detail: one.detail === undefined ? null : plainLine(one.detail, DETAIL_CHARACTERS),
    status: one.status,
    priority: one.priority ?? null,
    proposed_at: shownInstant(one.proposed.timestamp),
    changed_at: shownInstant(one.changedAt),
    since_then: sinceModel(one),
    trial: trial === undefined ? null : trialModel(trial),
  };
}

function sinceModel({ sinceThen }: MeasuredRecommendation): AdviceModel["since_then"] {
  if (sinceThen === undefined) return null;
  const { after, before, evidence, more_runs_needed, verdict } = sinceThen;
  return {
    verdict,
    before: ratedOf(before),
    after: ratedOf(after),
    left_out: before.left_out,
    more_runs_needed,
    evidence,
  };
}

function trialModel(trial: MeasuredTrial): AdviceModel["trial"] {
  const { decision, evidence, number, share, standing } = trial;
  return {
    number,
    share,
    is_running: isRunning(trial),
    shown: ratedOf(standing.shown),
    not_shown: ratedOf(standing.notShown),
    verdict: decision?.verdict ?? standing.result.verdict,
    evidence,
  };
}
