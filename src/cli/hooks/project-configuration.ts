import { join } from "node:path";
import { parse } from "smol-toml";
import { hookRunBy } from "../clients/entry/hook-command.ts";
import { hookEvents } from "../clients/entry/hooks.ts";
import { SERVER_NAME } from "../clients/entry/launch.ts";
import { isOurs } from "../clients/entry/server-entry.ts";
import { hooksIn, membersOf, readConfiguration, readMembers } from "../clients/files/configuration.ts";
import { noteReading } from "./watchdog.ts";

/** Where a project's own configuration of a client may start us. */
const configurations = [
  ".mcp.json",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".codex/config.toml",
  ".codex/hooks.json",
];

const readToml = (text: string) => parse(text, { integersAsBigInt: true });

/** Whether a client's configuration in the project starts us. That a file speaks of us is not enough. */
export function isConfigured(project: string): boolean {
  return configurations.some((name) => startsUs(join(project, name)));
}

/** Our server in a list of servers, one of our hooks, or our plugin switched on. */
function startsUs(path: string): boolean {
  const limits = { onRead: noteReading };
  const configuration = path.endsWith(".toml") ? readMembers(path, readToml, limits) : readConfiguration(path, limits);
  const { enabledPlugins, mcpServers, mcp_servers } = configuration;
  const servers = [mcpServers, mcp_servers].flatMap((list) => Object.values(membersOf(list)));
  const plugins = Object.entries(membersOf(enabledPlugins));
  return (
    servers.some((entry) => entry !== undefined && isOurs(entry)) ||
    hooksIn(configuration).some(({ handler }) => hookEvents.some(({ name }) => name === hookRunBy(handler))) ||
    plugins.some(([name, isOn]) => isOn === true && name.split("@")[0] === SERVER_NAME)
  );
}
