import { plainLine } from "../../domain/text/plain-text.ts";
import type { AgentSummary, Kaizen } from "../../kaizen/kaizen.ts";
import { counted } from "../../messages/figures.ts";
import { undecidedLately } from "./texts/undecided-line.ts";

/** Of many agents only the latest are looked at. */
const READ_AGENTS = 24;
const NAMED_AGENTS = 2;
const NAME_CHARACTERS = 24;
const LINE_CHARACTERS = 120;

/** What a person has to know at a glance, on one plain line; `undefined` if there is nothing to say. */
export async function statusOf(kaizen: Kaizen, now: number): Promise<string | undefined> {
  // What a clone brings is not shown before a person has looked at it.
  if (kaizen.isForeign()) return "kaizen: the store came with a clone; kaizen-metrics trust accepts it";
  const { agents } = await kaizen.sessionFacts(READ_AGENTS);
  const declining = agents.filter(({ stats }) => stats.success.verdict === "declining");
  const undecided = (await undecidedLately(kaizen, now)).length;
  const parts = [
    ...(declining.length === 0 ? [] : [`${namesOf(declining)} declining`]),
    ...(undecided === 0 ? [] : [`${counted(undecided, "run")} undecided`]),
    ...lastOf(agents),
  ];
  return parts.length === 0 ? undefined : plainLine(`kaizen: ${parts.join(", ")}`, LINE_CHARACTERS);
}

/** By the time at which the runs ended: agents come with the latest first. */
function lastOf(agents: readonly AgentSummary[]): string[] {
  const [latest] = agents;
  if (latest?.lastSucceeded === undefined) return [];
  return [`last ${nameOf(latest)} ${latest.lastSucceeded ? "succeeded" : "failed"}`];
}

function namesOf(agents: readonly AgentSummary[]): string {
  const further = agents.length - NAMED_AGENTS;
  const names = agents.slice(0, NAMED_AGENTS).map(nameOf).join(" and ");
  return further > 0 ? `${names} and ${further} more` : names;
}

function nameOf({ summary }: AgentSummary): string {
  return plainLine(summary.agent, NAME_CHARACTERS);
}
