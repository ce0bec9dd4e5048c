import { join } from "node:path";
import type { Machine, ProjectRoot } from "../../project-root.ts";
import { hookRunBy } from "../clients/entry/hook-command.ts";
import { hookEvents } from "../clients/entry/hooks.ts";
import { SERVER_NAME } from "../clients/entry/launch.ts";
import { isOurs } from "../clients/entry/server-entry.ts";
import { hooksIn, membersOf, readConfiguration } from "./configuration.ts";

/** Where a project's own configuration of a client may start us. */
const configurations = [
  ".mcp.json",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".codex/config.toml",
  ".codex/hooks.json",
];

/** Rules by which somebody has named the project to us, and not only to the client. */
const namedToUs: readonly string[] = ["--root", "KAIZEN_PROJECT_ROOT"];

/**
 * Whether hooks may keep anything of this project. Hooks may be installed for a user, and then run in every folder that
 * the client is opened in: only a project that has a store, whose configuration starts us, or that was named to us gets
 * a folder of ours. That a file speaks of us is not enough.
 */
export function takesPart(project: ProjectRoot, machine: Machine): boolean {
  if (hasStore(project, machine) || namedToUs.includes(project.rule)) return true;
  return configurations.some((name) => startsUs(join(project.path, name)));
}

export function hasStore(project: ProjectRoot, machine: Machine): boolean {
  return machine.kindOf(join(project.path, ".kaizen")) === "folder";
}

/** Our server in a list of servers, one of our hooks, or our plugin switched on. */
function startsUs(path: string): boolean {
  const configuration = readConfiguration(path);
  const { enabledPlugins, mcpServers, mcp_servers } = configuration;
  const servers = [mcpServers, mcp_servers].flatMap((list) => Object.values(membersOf(list)));
  const plugins = Object.entries(membersOf(enabledPlugins));
  return (
    servers.some((entry) => entry !== undefined && isOurs(entry)) ||
    hooksIn(configuration).some(({ handler }) => hookEvents.some(({ name }) => name === hookRunBy(handler))) ||
    plugins.some(([name, isOn]) => isOn === true && name.split("@")[0] === SERVER_NAME)
  );
}
