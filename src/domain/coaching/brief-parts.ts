import { CLEAN_RUNS, type FailureCluster, isWindowFull, WINDOW_FAILURES } from "../history/failures.ts";
import { formatDay, readInstant } from "../run/time.ts";
import { recordedText } from "../text/plain-text.ts";
import type { BriefInput, MeasuredRecommendation } from "./brief-input.ts";

// What the short and the full brief have in common. Recorded text is bounded in characters, so the whole is bounded too.

/** A brief in parts. Behind sections in which agents' words stand comes a note that says so. */
export interface BriefText {
  readonly head: string;
  readonly sections: readonly string[];
}

export function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `## ${title}\n\n${lines.map((line) => `- ${line}\n`).join("")}`;
}

export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** An instant as its form has it; a text that is none is recorded text like any other. */
export function when(timestamp: string, form: (at: number) => string): string {
  const at = readInstant(timestamp);
  return at === undefined ? recordedText(timestamp, 40) : form(at);
}

/** Failures are counted among the last ones only: with all of those, there may have been more before. */
export function failureSection(failures: readonly FailureCluster[], limits: { failures: number; text: number }) {
  const recurring = failures.filter(({ count }) => count > 1);
  const lines = recurring.slice(0, limits.failures).map((failure) => failureLine(failure, limits.text));
  const further = recurring.length - lines.length;
  if (further > 0) lines.push(`${further} more kinds of failure`);
  const among = isWindowFull(failures) ? `, among the last ${WINDOW_FAILURES}` : "";
  return section(`Failures that recur${among}`, lines);
}

function failureLine(failure: FailureCluster, limit: number): string {
  const lastSeen = failure.last_seen === null ? "" : `, last ${when(failure.last_seen, formatDay)}`;
  const words = failure.example === "" ? "nothing was said about it" : recordedText(failure.example, limit);
  return `${failure.count} times${lastSeen}${sinceText(failure)}: ${words}`;
}

/** What a failure has done since it last came: one that has stayed away for long may be mended, whatever it did before. */
function sinceText({ back_after, runs_since: since }: FailureCluster): string {
  if (since > 0 && (since >= CLEAN_RUNS || back_after === null))
    return `, not in the ${since === 1 ? "run" : `${since} runs`} since`;
  return back_after === null ? "" : `, returned after ${back_after} runs without it`;
}

/** Behind every priority that can be given. */
const LOWEST_PRIORITY = 6;
const OPEN_RECOMMENDATIONS = 3;

/** Advice with its standing: what is open, the most urgent first, then what was adopted. `line` writes one of them. */
export function adviceSection(
  { recommendations }: BriefInput,
  mostAdopted: number,
  line: (one: MeasuredRecommendation) => string,
): string {
  if (recommendations === undefined) return section("Advice", ["None could be read; kaizen-metrics doctor says why"]);
  const newestFirst = recommendations.toReversed();
  const open = newestFirst
    .filter(({ status }) => status === "proposed")
    .sort((a, b) => (a.priority ?? LOWEST_PRIORITY) - (b.priority ?? LOWEST_PRIORITY));
  const adopted = newestFirst.filter(({ status }) => status === "adopted");
  const further = open.length - OPEN_RECOMMENDATIONS;
  return section("Advice", [
    ...open.slice(0, OPEN_RECOMMENDATIONS).map(line),
    ...(further > 0 ? [`${further} more open`] : []),
    ...adopted.slice(0, mostAdopted).map(line),
  ]);
}

/** "Open, priority 2". */
export function openLabel({ priority }: MeasuredRecommendation): string {
  return priority === undefined ? "Open" : `Open, priority ${priority}`;
}
