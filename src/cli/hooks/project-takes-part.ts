import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse as parseJsonc } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { isJsonObject, type JsonValue } from "../../domain/json.ts";
import type { Machine, ProjectRoot } from "../../project-root.ts";
import { hookRunBy } from "../clients/hook-command.ts";
import { hookEvents } from "../clients/hooks.ts";
import { SERVER_NAME } from "../clients/launch.ts";
import { isOurs } from "../clients/server-entry.ts";

/** Where a project's own configuration of a client may start us. */
const configurations = [
  ".mcp.json",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".codex/config.toml",
  ".codex/hooks.json",
];

/** Nobody writes this much by hand, and there is no time to read it. */
const LARGEST_BYTES = 4 * 1024 * 1024;

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
  const { enabledPlugins, hooks, mcpServers, mcp_servers } = membersOf(read(path));
  const servers = [mcpServers, mcp_servers].flatMap((list) => Object.values(membersOf(list)));
  const plugins = Object.entries(membersOf(enabledPlugins));
  return (
    servers.some((entry) => entry !== undefined && isOurs(entry)) ||
    handlersIn(hooks).some((handler) => hookEvents.some(({ name }) => name === hookRunBy(handler))) ||
    plugins.some(([name, isOn]) => isOn === true && name.split("@")[0] === SERVER_NAME)
  );
}

/** The handlers of every event: events have groups, and groups have handlers. */
function handlersIn(hooks: unknown): JsonValue[] {
  const groups = Object.values(membersOf(hooks)).flatMap((event) => (Array.isArray(event) ? event : []));
  return groups.flatMap((group) => {
    const { hooks: handlers } = membersOf(group);
    return Array.isArray(handlers) ? handlers : [];
  });
}

function membersOf(value: unknown): { readonly [key: string]: JsonValue | undefined } {
  return isJsonObject(value) ? value : {};
}

/** `undefined` where there is no such file, or none that can be understood: then it starts nobody. */
function read(path: string): unknown {
  try {
    // A FIFO would keep us waiting for somebody to write to it.
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > LARGEST_BYTES) return undefined;
    const text = readFileSync(path, "utf8").replace(/^\ufeff/, "");
    return path.endsWith(".toml") ? parseToml(text, { integersAsBigInt: true }) : parseJsonc(text);
  } catch {
    return undefined;
  }
}
