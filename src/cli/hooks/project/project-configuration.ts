import { join } from "node:path";
import { parse } from "smol-toml";
import { parseJson } from "../../../domain/text/json.ts";
import { hookRunBy } from "../../clients/entry/hook-command.ts";
import { hookEvents } from "../../clients/entry/hooks.ts";
import { SERVER_NAME } from "../../clients/entry/launch.ts";
import { isOurs } from "../../clients/entry/server-entry.ts";
import { hooksIn, membersOf, readConfiguration, readMembers } from "../../clients/files/configuration.ts";
import { noteReading } from "../limits/watchdog.ts";

/** Where a project's own configuration of a client may start us. */
const configurations = [
  ...[".mcp.json", ".claude/settings.json", ".claude/settings.local.json"],
  ...[".codex/config.toml", ".codex/hooks.json"],
  ...[".github/hooks/kaizen-metrics.json", ".github/mcp.json", ".vscode/mcp.json"],
  ...[".cursor/hooks.json", ".cursor/mcp.json", ".gemini/settings.json"],
  ...["opencode.json", "opencode.jsonc", ".opencode/opencode.json"],
  ...[".amp/settings.json", ".amp/settings.jsonc", ".devin/mcp_config.json", ".junie/mcp/mcp.json"],
  ...[".kiro/settings/mcp.json", ".qwen/settings.json", ".roo/mcp.json", ".zed/settings.json"],
];

/** Under which names clients list their servers. */
const lists = ["mcpServers", "mcp_servers", "servers", "mcp", "amp.mcpServers", "context_servers"];

const readToml = (text: string) => parse(text, { integersAsBigInt: true });

/** Whether a client's configuration in the project starts us. That a file speaks of us is not enough. */
export function isConfigured(project: string): boolean {
  return configurations.some((name) => startsUs(join(project, name))) || isInPlugin(project);
}

/** Our server in a list of servers, one of our hooks, or our plugin switched on. */
function startsUs(path: string): boolean {
  const limits = { onRead: noteReading };
  const configuration = path.endsWith(".toml") ? readMembers(path, readToml, limits) : readConfiguration(path, limits);
  const servers = lists.flatMap((name) => Object.values(membersOf(configuration[name])));
  const plugins = Object.entries(membersOf(configuration.enabledPlugins));
  return (
    servers.some((entry) => entry !== undefined && isOurs(entry)) ||
    hooksIn(configuration).some(({ handler }) => hookEvents.some(({ name }) => name === hookRunBy(handler))) ||
    plugins.some(([name, isOn]) => isOn === true && name.split("@")[0] === SERVER_NAME)
  );
}

/** What `init` has written for opencode names the program in a list of JSON. */
function isInPlugin(project: string): boolean {
  const readWords = (text: string) => ({ command: parseJson(/^const PROGRAM = (\[.*\]);$/m.exec(text)?.[1] ?? "") });
  const path = join(project, ".opencode/plugins/kaizen-metrics.js");
  const { command } = readMembers(path, readWords, { onRead: noteReading });
  return command !== undefined && isOurs({ command });
}
