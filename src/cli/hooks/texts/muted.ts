import { coachBrief } from "../../../domain/coaching/brief.ts";
import type { Stats } from "../../../domain/figures/stats.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { withoutTexts } from "../../../kaizen/figures/agent-summary.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";
import { counted, succeededRuns } from "../../../messages/figures.ts";
import { howToAccept } from "../../../messages/trust.ts";

// A clone's store would be the first thing that a conversation hears. Until a person has accepted it, hooks give its
// figures and how much there is; no name and no text of it, also no escaped one: what it means would still be read.

/**
 * What a session that begins hears of a store that came from elsewhere; `undefined` if there is nothing in it. The rate is
 * that of the latest agents, `most` of them: a clone may bring thousands.
 */
export async function mutedSession(kaizen: Kaizen, most: number): Promise<string | undefined> {
  const { agents, further, unread } = await kaizen.sessionFacts(most);
  const advice = (await kaizen.readableRecommendations()) ?? [];
  const total = agents.length + further + unread.length;
  if (total + advice.length === 0) return undefined;
  const sumOf = (figure: (stats: Stats) => number) => agents.reduce((sum, { stats }) => sum + figure(stats), 0);
  const runs = sumOf(({ success }) => success.runs);
  const rate = sumOf(({ success }) => success.successes) / runs;
  const verified = sumOf((stats) => stats.verified.runs);
  const latest = agents.length === total ? "" : `the latest ${agents.length}: `;
  const figures = runs === 0 ? "" : `; ${latest}${succeededRuns({ runs, rate, verified })}`;
  const advised = advice.length === 0 ? "" : `, ${counted(advice.length, "recommendation")}`;
  const were = total + advice.length === 1 ? "was" : "were";
  return (
    `kaizen-metrics: ${counted(total, "agent")}${advised} came with this clone and ${were} not accepted${figures}. ` +
    `Names and texts of the store are not shown: ${howToAccept}.\n`
  );
}

/** What a subagent that begins hears of its own history there. Its name is the one that the client calls it by. */
export async function mutedBrief(kaizen: Kaizen, agent: AgentName): Promise<string> {
  const known = await kaizen.summary(agent);
  const { stats, summary } = known;
  const advice = (await kaizen.readableRecommendations(agent)) ?? [];
  const figures = coachBrief({ ...withoutTexts(known), recommendations: [] }, "short");
  if (summary.execution_count + advice.length === 0) return figures;
  const failures = stats.failures.length;
  const texts = [
    ...(failures === 0 ? [] : [counted(failures, "kind of failure", "kinds of failure")]),
    ...(advice.length === 0 ? [] : [counted(advice.length, "recommendation")]),
  ];
  const back = texts.length === 0 ? "" : `; not shown are the texts of ${texts.join(" and ")}`;
  return `${figures}\nThis store came with a clone and was not accepted${back}: ${howToAccept}.\n`;
}
