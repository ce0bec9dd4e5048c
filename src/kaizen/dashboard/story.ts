import type { Recommendation } from "../../domain/coaching/recommendation.ts";
import { positionOf } from "../../domain/coaching/since-then.ts";
import { binsOf } from "../../domain/dashboard/bins.ts";
import { outcomeLetter } from "../../domain/dashboard/letters.ts";
import { roundedTime } from "../../domain/dashboard/rated.ts";
import type { AgentModel, Cut, StoryRun } from "../../domain/dashboard/view-model.ts";
import { outcomeIn } from "../../domain/figures/stats.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { roundHalfEven } from "../../domain/statistics/rounding.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { type AgentSummary, outcomesOf } from "../figures/agent-summary.ts";
import { shownInstant } from "./agent-row.ts";

/** So many kinds of failure have a row of their own. */
const KINDS = 5;
const LABEL_CHARACTERS = 120;
const TASK_CHARACTERS = 48;

/** The last 200 runs on one axis: rates per bin, each run, kinds of failure, times, and what was changed meanwhile. */
export function storyOf(known: AgentSummary, advice: readonly Recommendation[]): AgentModel["story"] {
  const { overview, stats } = known;
  const { failures: notes, recent } = overview.view;
  const kinds = stats.failures.slice(0, KINDS);
  const signatures = new Map(notes.map(({ ordinal, signature }) => [ordinal, signature]));
  const runs = recent.map((run): StoryRun => {
    const kind = kinds.findIndex(({ signature }) => signature === signatures.get(run.ordinal));
    return {
      id: run.id,
      at: run.at === undefined ? null : formatInstant(run.at),
      outcome: outcomeLetter(run.success, outcomeIn(overview.verified, run)),
      time_s: roundedTime(run.timeS),
      quality: run.quality === undefined ? null : roundHalfEven(run.quality, 3),
      task: run.task === undefined ? null : plainLine(run.task, TASK_CHARACTERS),
      kind: kind < 0 ? null : kind,
    };
  });
  const outcomes = outcomesOf(overview);
  const cuts = [...changeCuts(known), ...advice.flatMap((one) => adviceCuts(one, outcomes))].sort(
    (a, b) => a.after - b.after,
  );
  return {
    runs,
    bins: binsOf(
      outcomes.map(({ success }) => success),
      cuts.map(({ after }) => after),
    ),
    cuts,
    kinds: kinds.map(({ count, example, signature }) => ({
      signature: plainLine(signature, LABEL_CHARACTERS),
      example,
      count,
    })),
    median_time_s: roundedTime(stats.execution_time_s.median),
  };
}

function changeCuts({ stats }: AgentSummary): Cut[] {
  return stats.success.changes.map(({ after, timestamp }) => {
    return { after, kind: "change", at: shownInstant(timestamp), label: "the rate changed" };
  });
}

const words: Record<Cut["kind"], string> = {
  change: "changed",
  adopted: "adopted",
  trial_started: "trial begins",
  trial_ended: "trial ends",
};

/** Where advice was adopted or put on trial, as far as that is among these runs. */
function adviceCuts({ adopted, title, trial }: Recommendation, outcomes: ReturnType<typeof outcomesOf>): Cut[] {
  const cuts: Cut[] = [];
  const add = (kind: Cut["kind"], timestamp: string, after: number) => {
    const label = plainLine(`${words[kind]}: ${title}`, LABEL_CHARACTERS);
    if (after > 0) cuts.push({ after, kind, at: shownInstant(timestamp), label });
  };
  const at = (timestamp: string) =>
    positionOf(outcomes, { timestamp, execution_count: outcomes.length, after_execution: null });
  if (adopted !== undefined) add("adopted", adopted.timestamp, positionOf(outcomes, adopted));
  if (trial === undefined) return cuts;
  add("trial_started", trial.startedAt, at(trial.startedAt));
  const ended = trial.decision?.timestamp ?? trial.stoppedAt;
  if (ended !== undefined) add("trial_ended", ended, at(ended));
  return cuts;
}
