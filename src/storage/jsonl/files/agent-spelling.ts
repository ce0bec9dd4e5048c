import { type AgentName, existingAgentNameSchema } from "../../../domain/run/agent-name.ts";
import { byCodePoint } from "../../../domain/text/code-point-order.ts";

/**
 * Whose the folders with these names are, in code point order of the agents. A folder that came from a system with
 * another Unicode form (macOS takes letters and their accents apart) is that of the agent with the composed name, which
 * is how everybody asks for it. If several folders differ in nothing else, one has that name, and each of the others
 * stays an agent under its own.
 */
export function foldersByAgent(entries: readonly string[]): Map<AgentName, string> {
  const names = entries.flatMap((entry) => existingAgentNameSchema.safeParse(entry).data ?? []).sort(byCodePoint);
  const spelled = new Set<AgentName>(names);
  const folders = new Map<AgentName, string>();
  for (const name of names) {
    const composed = composedName(name);
    const isFree = composed !== undefined && !spelled.has(composed) && !folders.has(composed);
    folders.set(isFree ? composed : name, name);
  }
  if (names.every((name) => folders.has(name))) return folders;
  return new Map([...folders].sort(([a], [b]) => byCodePoint(a, b)));
}

/** Whether a folder of this agent may be spelled in another way. */
export function hasOtherSpellings(agent: AgentName): boolean {
  return beyondAscii.test(agent) && composedName(agent) === undefined;
}

const beyondAscii = /[^\0-\x7f]/;

/** The composed form of a name, if it is another than the name; some look-alikes of ASCII letters become those, and are left. */
function composedName(name: AgentName): AgentName | undefined {
  if (!beyondAscii.test(name)) return undefined;
  const composed = name.normalize("NFC");
  if (composed === name || !beyondAscii.test(composed)) return undefined;
  return existingAgentNameSchema.safeParse(composed).data;
}
