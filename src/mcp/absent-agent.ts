import { recordedText } from "../domain/plain-text.ts";
import { type Kaizen, suggestAgent } from "../kaizen.ts";
import { named } from "./wording.ts";

const NAMED_AGENTS = 10;

/** What to say of an agent that has no runs: most often its name was misspelt. */
export async function absentAgentNote(kaizen: Kaizen, agent: string): Promise<string> {
  const known = (await kaizen.agentNames()).filter((name) => name !== agent);
  const nothing = `Nothing has been recorded for ${quoted(agent)}.`;
  const nearest = suggestAgent(agent, known);
  if (nearest !== undefined) return `${nothing} Did you mean ${quoted(nearest)}?`;
  if (known.length === 0) return `${nothing} No agent has recorded a run in this project yet.`;
  const names = known.slice(0, NAMED_AGENTS).map(quoted);
  const more = known.length > NAMED_AGENTS ? `, and ${known.length - NAMED_AGENTS} more` : "";
  return `${nothing} Known agents: ${names.join(", ")}${more}.`;
}

function quoted(agent: string): string {
  return JSON.stringify(named(agent));
}

/** For markdown about an agent without runs: the name that may have been meant, where one is near. */
export async function nearestAgentNote(kaizen: Kaizen, agent: string): Promise<string | undefined> {
  const nearest = suggestAgent(agent, await kaizen.agentNames());
  return nearest === undefined ? undefined : `An agent of a similar name has runs: ${recordedText(nearest, 64)}.`;
}
