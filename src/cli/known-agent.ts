import { parseAgentName } from "../domain/agent-name.ts";
import { KaizenError } from "../errors.ts";
import type { Kaizen } from "../kaizen.ts";
import { absentAgent } from "../wording/absence.ts";

/**
 * Fails with NOT_FOUND for an agent of which nothing is known, neither runs nor what hooks saw: a command that was given
 * a misspelt name must not end as if all were well. (An agent may ask for its own brief or figures before its first run,
 * so the MCP tools answer.)
 */
export async function expectKnownAgent(kaizen: Kaizen, agent: string): Promise<void> {
  const known: readonly string[] = await kaizen.agentNames();
  if (known.includes(agent)) return;
  const { hint, sentence } = await absentAgent(kaizen, parseAgentName(agent));
  throw new KaizenError("NOT_FOUND", sentence, { hint });
}
