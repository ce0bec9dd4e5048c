import { changeText } from "../figures/change-text.ts";
import { checkedKind, rateText, successRateOf } from "../figures/success-rate.ts";
import { formatDay } from "../run/time.ts";
import { MIN_RUNS, moreRuns, shareText } from "../statistics/verdict.ts";
import { recordedText } from "../text/plain-text.ts";
import type { BriefInput, MeasuredRecommendation } from "./brief-input.ts";
import { adviceSection, type BriefText, capitalised, failureSection, openLabel, when } from "./brief-parts.ts";
import type { SinceThen } from "./since-then.ts";

const LIMITS = { failures: 3, adopted: 2, text: 100 };

/** What an agent needs before its next run: each figure once, what has changed if it has, and nothing twice. */
export function shortBrief(input: BriefInput): BriefText {
  const { stats } = input;
  const facts = factLines(input).map((fact) => `${fact}.`);
  return {
    head: `# ${title(input)}\n${facts.length === 0 ? "" : `${facts.join(" ")}\n`}`,
    sections: [failureSection(stats.failures, LIMITS), adviceSection(input, LIMITS.adopted, adviceLine)],
  };
}

/** The success rate with its kind. A store that is not trusted shows neither failure nor advice, but this. */
function title({ stats, summary }: BriefInput): string {
  const name = recordedText(summary.agent, 64);
  const { success } = stats;
  if (success.runs === 0) return `${name}: no runs on record yet`;
  const of = `${shareText(success)} ${success.runs === 1 ? "run" : "runs"} succeeded`;
  return `${name}: ${of} (${rateText(success.rate)}; ${checkedKind(successRateOf(stats))})`;
}

function factLines({ evidence, stats, summary }: BriefInput): string[] {
  const { damaged_lines: damaged, execution_time_s, quality } = stats;
  const doubtful = evidence?.worth_a_look_total ?? 0;
  return [
    ...successChange(stats.success),
    ...measureChange("Quality", quality),
    ...measureChange("Time", execution_time_s),
    ...(doubtful === 0 ? [] : [`Successes reported on tests that were red or stale: ${doubtful}`]),
    ...(summary.last_execution === null ? [] : [`Last run ${when(summary.last_execution, formatDay)}`]),
    ...(damaged === 0 ? [] : [`Lines of the log that could not be read in full: ${damaged}`]),
  ];
}

/** What can be said of a change. A rate that has always been the same stands in the title already. */
function successChange(success: BriefInput["stats"]["success"]): string[] {
  const { before, evidence, runs, since, verdict } = success;
  if (runs === 0) return [];
  if (verdict === "too_few_runs") return [`Too few runs to tell a change: ${moreRuns(MIN_RUNS - runs)} needed`];
  if (verdict !== "steady") return [capitalised(changeText(success))];
  if (before !== null) return [evidence.replace(/^steady/, "No certain change lately")];
  return since.runs === runs ? [] : [`No certain change lately: ${shareText(since)}`];
}

/** A quality or a time that gets better asks nothing of the agent. */
function measureChange(name: string, { evidence, verdict }: BriefInput["stats"]["quality"]): string[] {
  return verdict === "declining" ? [`${name} ${evidence}`] : [];
}

function adviceLine(one: MeasuredRecommendation): string {
  const title = recordedText(one.title, LIMITS.text);
  if (one.status === "adopted") return `Adopted, in force${standing(one.sinceThen)}: ${title}`;
  // Who decides about it needs its id.
  return `${openLabel(one)}: ${title}${one.id === null ? "" : ` (${one.id})`}`;
}

const verdicts: Record<SinceThen["verdict"], string> = {
  better_since: "better since",
  worse_since: "worse since",
  no_clear_change: "no clear change since",
  too_early: "too early to tell",
};

/** How the agent has done since. Only a trial can tell whether it was the advice, so this claims no cause. */
function standing(measured: SinceThen | undefined): string {
  if (measured === undefined) return "";
  const { after, before, verdict } = measured;
  const since = after.runs === 0 ? "no run since" : `${shareText(after)} since`;
  const earlier = before.runs === 0 ? "" : `; ${shareText(before)} before`;
  return `, ${verdicts[verdict]} (${since}${earlier})`;
}
