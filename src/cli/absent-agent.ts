import { coverageEvidence } from "../domain/coverage.ts";
import { type Kaizen, suggestAgent } from "../kaizen.ts";
import { quoted } from "./wording.ts";

const NAMED_AGENTS = 10;

/** What to say where there is nothing at all. */
export const nothingYet =
  "No agent has recorded a run in this project yet. See kaizen-metrics record --help, or connect a client.";

/** What to say of an agent that has no runs: most often its name was misspelt. */
export async function absentAgentNote(kaizen: Kaizen, agent: string): Promise<string> {
  const known = (await kaizen.agentNames()).filter((name) => name !== agent);
  if (known.length === 0) return nothingYet;
  const nothing = `Nothing has been recorded for ${quoted(agent)}.`;
  const nearest = suggestAgent(agent, known);
  if (nearest !== undefined) return `${nothing} Did you mean ${quoted(nearest)}?`;
  const more = known.length > NAMED_AGENTS ? `, and ${known.length - NAMED_AGENTS} more` : "";
  return `${nothing} Known agents: ${known.slice(0, NAMED_AGENTS).map(quoted).join(", ")}${more}.`;
}

/** Nothing may mean a name that nobody uses, or a filter that no run passes. */
export async function emptinessNote(kaizen: Kaizen, agent: string): Promise<string> {
  const { coverage, summary } = await kaizen.summary(agent);
  const { execution_count } = summary;
  if (execution_count === 0 && coverage !== undefined) {
    return `No run of ${quoted(agent)} is on record. Coverage: ${coverageEvidence(coverage)}.`;
  }
  if (execution_count === 0) return absentAgentNote(kaizen, agent);
  return `None of the ${execution_count} runs of ${quoted(agent)} passes these filters.`;
}
