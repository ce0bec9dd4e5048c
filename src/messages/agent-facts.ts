import type { BriefDetail } from "../domain/coaching/brief-input.ts";
import { recordedText } from "../domain/text/plain-text.ts";
import type { Kaizen } from "../kaizen/kaizen.ts";
import { nearestAgentNote } from "./absence.ts";

/** An agent's name in markdown. */
export function markedName(agent: string): string {
  return recordedText(agent, 64);
}

/** An agent's brief under its name, and for a name without runs the one that may have been meant. */
export async function agentFacts(kaizen: Kaizen, agent: string, detail: BriefDetail): Promise<string> {
  const brief = await kaizen.brief(agent, detail);
  const note = await nearestAgentNote(kaizen, agent);
  // The short one names its agent itself.
  const title = detail === "full" ? [`# ${markedName(agent)}`] : [];
  return [...title, brief.trim(), ...(note === undefined ? [] : [note])].join("\n\n");
}
