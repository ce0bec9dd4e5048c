import {
  type AgentName,
  agentNameSchema,
  existingAgentNameSchema,
  isSameName,
  parseAgentName,
} from "../../domain/run/agent-name.ts";
import { nearestName } from "../../domain/text/nearest-name.ts";

/** An agent that may be asked about: a name that we would give, or one that stands in the store already. */
export async function knownAgent(
  agent: string,
  names: (like: string) => Promise<readonly AgentName[]>,
): Promise<AgentName> {
  const valid = agentNameSchema.safeParse(agent);
  if (valid.success) return valid.data;
  const existing = existingAgentNameSchema.safeParse(agent);
  const like = existing.success ? await names(existing.data) : [];
  return like.find((name) => name === agent) ?? like.find((name) => isSameName(name, agent)) ?? parseAgentName(agent);
}

/** The agent names that are nearest to one that has no runs, for saying what may have been meant. */
export function suggestAgent(agent: string, known: readonly string[]): string | undefined {
  return known.includes(agent) ? undefined : nearestName(agent, known);
}
