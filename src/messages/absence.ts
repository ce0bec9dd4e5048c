import { coverageEvidence } from "../domain/coverage/coverage.ts";
import { recordedText } from "../domain/text/plain-text.ts";
import { type AgentSummary, type Kaizen, suggestAgent } from "../kaizen/kaizen.ts";
import { counted } from "./figures.ts";
import { quoted } from "./names.ts";

const NAMED_AGENTS = 10;

export const nothingYet = "No agent has recorded a run in this project yet.";

/** What to say of an agent that has no runs, in one note. */
async function absentAgentNote(kaizen: Kaizen, agent: string): Promise<string> {
  const { hint, sentence } = await absentAgent(kaizen, agent);
  return `${sentence} ${hint}`;
}

/** Says that an agent has no runs, and which agent may have been meant: most often the name was misspelt. */
export async function absentAgent(kaizen: Kaizen, agent: string): Promise<{ sentence: string; hint: string }> {
  const sentence = `Nothing has been recorded for ${quoted(agent)}.`;
  const known = (await kaizen.agentNames()).filter((name) => name !== agent);
  const nearest = suggestAgent(agent, known);
  if (nearest !== undefined) return { sentence, hint: `Did you mean ${quoted(nearest)}?` };
  if (known.length === 0) return { sentence, hint: nothingYet };
  const more = known.length > NAMED_AGENTS ? `, and ${known.length - NAMED_AGENTS} more` : "";
  return { sentence, hint: `Known agents: ${known.slice(0, NAMED_AGENTS).map(quoted).join(", ")}${more}.` };
}

/** Why no run was found: hooks saw only that there were some, no agent has the name, or no run passes the filters. */
export async function emptinessNote(kaizen: Kaizen, agent: string): Promise<string> {
  const { coverage, evidence, summary }: AgentSummary = await kaizen.summary(agent);
  if (summary.execution_count > 0) {
    return `None of the ${counted(summary.execution_count, "run")} of ${quoted(agent)} passes these filters.`;
  }
  if (coverage === undefined && evidence === undefined) return absentAgentNote(kaizen, agent);
  const beside = [
    ...(coverage === undefined ? [] : [`Coverage: ${coverageEvidence(coverage)}.`]),
    ...(evidence === undefined ? [] : [`Evidence of ${counted(evidence.runs, "run")} is kept.`]),
  ];
  return `No run of ${quoted(agent)} is on record. ${beside.join(" ")}`;
}

/** For markdown about an agent without runs: the name that may have been meant, if one is near. */
export async function nearestAgentNote(kaizen: Kaizen, agent: string): Promise<string | undefined> {
  const nearest = suggestAgent(agent, await kaizen.agentNames());
  return nearest === undefined ? undefined : `An agent of a similar name has runs: ${recordedText(nearest, 64)}.`;
}
