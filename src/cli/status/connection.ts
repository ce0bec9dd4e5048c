import type { Client } from "../clients/client.ts";
import { clients } from "../clients/index.ts";
import { unableAgentsOf, unableOwnAgents } from "../clients/reporting/all-agents.ts";
import { type ClaudeSettings, claudeSettings, type SettingsContext } from "../clients/reporting/claude-settings.ts";
import type { UnableAgent } from "../clients/reporting/reporting.ts";
import { connectedClients, hooksInFiles } from "../init/connected.ts";

/** How the clients of a project are connected, as files tell. */
export interface Connection {
  /** The clients that start the server of this project, or would if nothing was switched off. */
  readonly clients: readonly Client[];
  /** `undefined` if Claude Code has nothing of us. */
  readonly claude: ClaudeSettings | undefined;
  /** Whether every hook that a run needs is there; `undefined` if no client of the project takes hooks. */
  readonly hooks: boolean | undefined;
  /** The clients that take hooks and lack one of them. */
  readonly unhooked: readonly Client[];
  readonly unable: readonly UnableAgent[];
  /** The user's own agents of Claude Code that cannot report, by name. */
  readonly ownUnable: readonly string[];
}

export function connectionOf(project: string, context: SettingsContext): Connection {
  const settings = claudeSettings(project, context);
  const connected = connectedClients(project);
  const isClaude = settings.server.kind !== "missing";
  const all = clients.filter((client) => connected.includes(client) || (client.name === "claude-code" && isClaude));
  const hooked = all.filter(({ neededHooks }) => neededHooks !== undefined);
  const isPlugin = settings.server.kind === "on" && settings.server.file.endsWith("settings.json");
  const unhooked = hooked.filter(
    (client) => !(isPlugin && client.name === "claude-code") && !hasHooks(client, project),
  );
  const names = all.map(({ name }) => name);
  const hasClaude = names.includes("claude-code");
  return {
    clients: all,
    claude: hasClaude ? settings : undefined,
    hooks: hooked.length === 0 ? undefined : unhooked.length === 0,
    unhooked,
    unable: unableAgentsOf(project, names),
    ownUnable: hasClaude ? unableOwnAgents(project, context) : [],
  };
}

function hasHooks(client: Client, project: string): boolean {
  const names = hooksInFiles(client, project);
  return (client.neededHooks ?? []).every((name) => names.includes(name));
}
