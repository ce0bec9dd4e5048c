import { KaizenError } from "../../errors.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { absentAgent } from "../../messages/absence.ts";

/**
 * Fails with NOT_FOUND for an agent of which nothing is known, neither runs nor what hooks saw: a command that was given
 * a misspelt name must not end as if all were well. (An agent may ask for its own brief or figures before its first run,
 * so the MCP tools answer.) Gives the name in the form of the store.
 */
export async function expectKnownAgent(kaizen: Kaizen, given: string): Promise<string> {
  const { agent, isThere } = await kaizen.lookUp(given);
  if (isThere) return agent;
  const { hint, sentence } = await absentAgent(kaizen, agent);
  throw new KaizenError("NOT_FOUND", sentence, { hint });
}
