import { join } from "node:path";
import type { Client, Setup } from "../clients/client.ts";
import { hookRunBy } from "../clients/entry/hook-command.ts";
import { hookEvents, sharedEvents } from "../clients/entry/hooks.ts";
import { hooksIn, readConfiguration } from "../clients/files/configuration.ts";
import { clients } from "../clients/index.ts";
import { unableAgentsOf, unableOwnAgents } from "../clients/reporting/all-agents.ts";
import { type ClaudeSettings, claudeSettings, type SettingsContext } from "../clients/reporting/claude-settings.ts";
import type { UnableAgent } from "../clients/reporting/reporting.ts";
import { isSetUp } from "../init/plan.ts";

/** How the clients of a project are connected, as files tell. */
export interface Connection {
  /** The clients that start the server of this project, or would if nothing was switched off. */
  readonly clients: readonly Client[];
  /** `undefined` if Claude Code has nothing of us. */
  readonly claude: ClaudeSettings | undefined;
  /** Whether every hook that a run needs is there; `undefined` if no client of the project takes hooks. */
  readonly hooks: boolean | undefined;
  readonly unable: readonly UnableAgent[];
  /** The user's own agents of Claude Code that cannot report, by name. */
  readonly ownUnable: readonly string[];
}

export function connectionOf(project: string, context: SettingsContext): Connection {
  const launch = { kind: "local", path: "dist/main.js" } as const;
  const setup: Setup = { launch, project, windows: context.machine.windows, withHooks: false, flags: [] };
  const settings = claudeSettings(project, context);
  const connected = clients.filter((client) => isSetUp(client, setup));
  const isClaude = settings.server.kind !== "missing";
  const all = clients.filter((client) => connected.includes(client) || (client.name === "claude-code" && isClaude));
  const hasHooks = all.filter(({ name }) => Object.hasOwn(filesOfHooks, name));
  const isPlugin = settings.server.kind === "on" && settings.server.file.endsWith("settings.json");
  const isHooked = ({ name }: Client) => (isPlugin && name === "claude-code") || hooksOf(project, name);
  const hasClaude = all.some(({ name }) => name === "claude-code");
  return {
    clients: all,
    claude: hasClaude ? settings : undefined,
    hooks: hasHooks.length === 0 ? undefined : hasHooks.every(isHooked),
    unable: all.flatMap(({ name }) => unableAgentsOf(project, name)),
    ownUnable: hasClaude ? unableOwnAgents(project, context) : [],
  };
}

const filesOfHooks: Readonly<Record<string, readonly string[]>> = {
  "claude-code": [".claude/settings.json", ".claude/settings.local.json"],
  codex: [".codex/hooks.json"],
};

/** Of Claude Code's form; the first ones are those without which no run is seen. */
function hooksOf(project: string, client: string): boolean {
  const names = (filesOfHooks[client] ?? []).flatMap((file) =>
    hooksIn(readConfiguration(join(project, file))).flatMap(({ event, handler }) => {
      const known = hookEvents.find((one) => one.event === event);
      return known !== undefined && hookRunBy(handler) === known.name ? [known.name] : [];
    }),
  );
  return sharedEvents.every(({ name }) => names.includes(name));
}
