import { RECORDED_NOTE } from "../../../domain/coaching/brief.ts";
import type { Recommendation } from "../../../domain/coaching/recommendation.ts";
import { changeText } from "../../../domain/figures/change-text.ts";
import { shareText } from "../../../domain/statistics/verdict.ts";
import { recordedText } from "../../../domain/text/plain-text.ts";
import type { AgentSummary, SessionFacts } from "../../../kaizen/kaizen.ts";
import { counted } from "../../../messages/figures.ts";
import { unreadSentence } from "../../../messages/unread.ts";
import { boundedLines, MAX_CONTEXT_BYTES } from "../limits/bounded-text.ts";

const SHOWN_AGENTS = 5;
const SHOWN_ADVICE = 5;
/** Enough to know it again: a brief has more of it, and the ids. */
const TEXT_CHARACTERS = 32;

/** What else there is to say, and what is known of agents that cannot report. */
export interface Besides {
  /** Lines of others, each short. */
  readonly further: readonly string[];
  /** Whether agents can report at all; if not, none is named for it. */
  readonly canReport: boolean;
  /** Agents that `further` names as unable to report. */
  readonly unable: ReadonlySet<string | undefined>;
}

/**
 * What a conversation that begins hears: what needs attention, or in one line that nothing does. Facts, never commands,
 * and nothing that was recorded outside code marks.
 */
export function sessionText(facts: SessionFacts, besides: Besides): string {
  const { agents, undecided } = facts;
  const told = [...agentLines(facts, besides), ...adviceLines(undecided)];
  const others = besides.further.map((line) => `- ${line}\n`).join("");
  if (told.length === 0)
    return `${opening(facts)}, ${calm(agents)}.${others.includes("`") ? ` ${RECORDED_NOTE}` : ""}\n${others}`;
  const head = `${opening(facts)}. ${RECORDED_NOTE}\n`;
  const tail = "More: kaizen-metrics dashboard.\n";
  const left = MAX_CONTEXT_BYTES - Buffer.byteLength(head + others + tail);
  return head + boundedLines(told.map((line) => `- ${line}\n`).join(""), left) + others + tail;
}

/** "kaizen-metrics: 7 agents, 310 runs". Of very many agents only the latest are looked at. */
function opening({ agents, further, unread }: SessionFacts): string {
  const runs = agents.reduce((sum, { summary }) => sum + summary.execution_count, 0);
  const total = agents.length + further + unread.length;
  const latest = further === 0 ? "" : ` of the latest ${agents.length}`;
  return `kaizen-metrics: ${counted(total, "agent")}, ${counted(runs, "run")}${latest}`;
}

function calm(agents: readonly AgentSummary[]): string {
  const areSteady = agents.length > 0 && agents.every(({ stats }) => stats.success.verdict === "steady");
  return areSteady ? "all steady" : "no certain change";
}

/** A line for each agent that declines, with the failure behind it, then one for each other kind of news. */
function agentLines({ agents, unread }: SessionFacts, { canReport, unable }: Besides): string[] {
  const withVerdict = (verdict: string) => agents.filter(({ stats }) => stats.success.verdict === verdict);
  const [declining, improving] = [withVerdict("declining"), withVerdict("improving")];
  const failing = agents.filter(
    (known) => isFailing(known) && !declining.includes(known) && !improving.includes(known),
  );
  const silent = canReport ? agents.filter((known) => isSilent(known) && !unable.has(known.summary.agent)) : [];
  return [
    ...declining.slice(0, SHOWN_AGENTS).map(decliningLine),
    ...moreOf(declining, "declining"),
    ...listed("Mostly failing", failing, ({ stats: { success } }) => ` ${shareText(success)}`),
    ...listed("Improving", improving, ({ stats: { success } }) => ` ${shareText(success.since)}`),
    ...listed("Not reporting", silent, ({ coverage }) => ` 0 of ${counted(coverage?.ended ?? 0, "run")}`),
    ...(unread.length === 0 ? [] : [unreadSentence(unread, unread.length, nameOf)]),
  ];
}

/** Whether more than half of its runs fail, with as much certainty as the interval has. */
function isFailing({ stats: { success } }: AgentSummary): boolean {
  return success.runs > 0 && success.interval[1] < 0.5;
}

function isSilent({ coverage }: AgentSummary): boolean {
  return coverage !== undefined && coverage.ended > 0 && coverage.reported === 0;
}

function decliningLine({ stats, summary }: AgentSummary): string {
  const { failures, success } = stats;
  const behind = failures.find(({ count, runs_since }) => count > 1 && runs_since < success.since.runs);
  const failure =
    behind === undefined || behind.example === ""
      ? ""
      : `; ${behind.count} times ${recordedText(behind.example, TEXT_CHARACTERS)}`;
  return `${nameOf(summary.agent)} ${changeText(success)}${failure}`;
}

function listed(title: string, agents: readonly AgentSummary[], figures: (agent: AgentSummary) => string): string[] {
  if (agents.length === 0) return [];
  const names = agents.slice(0, SHOWN_AGENTS).map((agent) => nameOf(agent.summary.agent) + figures(agent));
  return [`${title}: ${[...names, ...moreOf(agents, "")].join(", ")}`];
}

function moreOf(agents: readonly AgentSummary[], what: string): string[] {
  const more = agents.length - SHOWN_AGENTS;
  return more > 0 ? [`${more} more ${what}`.trimEnd()] : [];
}

function adviceLines(undecided: readonly Recommendation[] | undefined): string[] {
  if (undecided === undefined) return ["Advice could not be read; kaizen-metrics doctor says why"];
  const newestFirst = undecided.toReversed();
  const lines = newestFirst.slice(0, SHOWN_ADVICE).map(({ agent, title }) => {
    return `Open advice for ${nameOf(agent)}: ${recordedText(title, TEXT_CHARACTERS)}`;
  });
  const more = newestFirst.length - lines.length;
  return more > 0 ? [...lines, `${more} more open`] : lines;
}

function nameOf(agent: string): string {
  return recordedText(agent, 64);
}
