import type { FailureModel } from "../../domain/dashboard/view-model.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary } from "../figures/agent-summary.ts";
import { NAME_CHARACTERS, shownInstant } from "./agent-row.ts";

const SIGNATURE_CHARACTERS = 120;
const MARKS = 60;
const MINUTE_MS = 60_000;

/** The kinds of failure among an agent's last 200 failures, the most frequent first, each with when it happened. */
export function failureModels({ overview, stats, summary }: AgentSummary, limit: number): FailureModel[] {
  const { failures: notes, recent } = overview.view;
  const last = recent.at(-1)?.ordinal ?? 0;
  return stats.failures.slice(0, limit).map((failure) => {
    const its = notes.filter(({ signature }) => signature === failure.signature);
    return {
      agent: plainLine(summary.agent, NAME_CHARACTERS),
      signature: plainLine(failure.signature, SIGNATURE_CHARACTERS),
      example: failure.example,
      count: failure.count,
      first_at: shownInstant(failure.first_seen),
      last_at: shownInstant(failure.last_seen),
      runs_since: Math.max(0, last - (its.at(-1)?.ordinal ?? last)),
      back_after: failure.back_after,
      at: its.slice(-MARKS).flatMap(({ at }) => (at === undefined ? [] : Math.floor(at / MINUTE_MS))),
    };
  });
}
