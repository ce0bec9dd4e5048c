import { join } from "node:path";
import type { JsonValue } from "../../../domain/text/json.ts";
import type { CommandContext } from "../../frame/define-command.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { isOurs } from "../entry/server-entry.ts";
import { membersOf, type ReadingLimits, readConfiguration } from "../files/configuration.ts";
import { meansReportTool } from "./report-tool.ts";

/** Whether Claude Code starts the server, as its settings say. A file is named as it is shown to people. */
type ServerStanding =
  | { readonly kind: "on"; readonly file: string }
  /** A person has declined it, or switched it off. */
  | { readonly kind: "off"; readonly file: string; readonly key: string }
  | { readonly kind: "missing" };

/** Whether an agent may call the tool that reports its run. */
type Permission =
  | { readonly kind: "allowed" | "denied"; readonly file: string }
  /** The client asks a person, if there is one. */
  | { readonly kind: "asked" };

export interface ClaudeSettings {
  readonly server: ServerStanding;
  readonly permission: Permission;
  /** Files that are there, and cannot be read. */
  readonly unreadable: readonly string[];
}

/** The user's file of all projects grows with them. */
const MAX_USER_FILE_BYTES = 16 * 1024 * 1024;

export type SettingsContext = Pick<CommandContext, "environment" | "machine">;

/**
 * What Claude Code's settings say of us: those of the project, and of the user. A hook, which says what it reads
 * by `onRead`, leaves out what is large. What cannot be read says nothing.
 */
export function claudeSettings(
  project: string,
  context: SettingsContext,
  onRead?: ReadingLimits["onRead"],
): ClaudeSettings {
  const unreadable: string[] = [];
  const read: ReadSettings = (path, file, maxBytes) =>
    readConfiguration(path, { onRead, maxBytes, onBroken: () => unreadable.push(file) });
  const maxBytes = onRead === undefined ? MAX_USER_FILE_BYTES : undefined;
  const { local, shared, user, ofProject, ofUser } = layersOf(project, context, read, maxBytes);
  const layers: readonly Layer[] = [local, shared, user, ofProject];
  const plugin = layers.find(({ members }) =>
    Object.entries(membersOf(members.enabledPlugins)).some(
      ([name, isOn]) => isOn === true && name.split("@")[0] === SERVER_NAME,
    ),
  );
  const mcpJson = { file: ".mcp.json", members: read(join(project, ".mcp.json"), ".mcp.json") };
  const entry = [mcpJson, ofProject, ofUser].find(({ members }) => hasServer(members.mcpServers));
  return { server: serverStanding(layers, plugin, entry), permission: permissionIn(layers), unreadable };
}

interface Layer {
  readonly file: string;
  readonly members: { readonly [key: string]: JsonValue | undefined };
}

/** Reads a file by its path; `file` is how it is shown. */
type ReadSettings = (path: string, file: string, maxBytes?: number) => Layer["members"];

/** Where Claude Code keeps what is the user's own. */
export function claudeFolder({ environment, machine }: SettingsContext): string | undefined {
  return environment.CLAUDE_CONFIG_DIR ?? (machine.home === undefined ? undefined : join(machine.home, ".claude"));
}

function layersOf(
  project: string,
  { environment, machine }: SettingsContext,
  read: ReadSettings,
  maxBytes: number | undefined,
) {
  const config = environment.CLAUDE_CONFIG_DIR;
  const { home } = machine;
  const folder = claudeFolder({ environment, machine });
  const ofFile = (file: string) => ({ file, members: read(join(project, file), file) });
  const userFile = config === undefined ? home && join(home, ".claude.json") : join(config, ".claude.json");
  const [userSettings, userState] = ["~/.claude/settings.json", "~/.claude.json"];
  const all = userFile === undefined ? {} : read(userFile, userState, maxBytes);
  return {
    local: ofFile(".claude/settings.local.json"),
    shared: ofFile(".claude/settings.json"),
    user: {
      file: userSettings,
      members: folder === undefined ? {} : read(join(folder, "settings.json"), userSettings),
    },
    ofProject: { file: userState, members: membersOf(membersOf(all.projects)[machine.realPath(project)]) },
    ofUser: { file: userState, members: all },
  };
}

function hasServer(list: JsonValue | undefined): boolean {
  const entry = membersOf(list)[SERVER_NAME];
  return entry !== undefined && isOurs(entry);
}

/** A list of what is off counts for the servers of a project's file, and the other one for every server. */
const listsOfOff = ["disabledMcpjsonServers", "disabledMcpServers"] as const;

function serverStanding(layers: readonly Layer[], plugin: Layer | undefined, entry: Layer | undefined): ServerStanding {
  if (plugin !== undefined) return { kind: "on", file: plugin.file };
  if (entry === undefined) return { kind: "missing" };
  const isOfProject = entry.file === ".mcp.json";
  for (const { file, members } of layers) {
    const key = listsOfOff.find((list) => textsIn(members[list]).includes(SERVER_NAME));
    if (key !== undefined && (isOfProject || key === "disabledMcpServers")) return { kind: "off", file, key };
  }
  return { kind: "on", file: entry.file };
}

/** What is denied anywhere is denied. */
function permissionIn(layers: readonly Layer[]): Permission {
  const within = (kind: string) =>
    layers.find(({ members }) => textsIn(membersOf(members.permissions)[kind]).some(meansReportTool));
  const denied = within("deny");
  if (denied !== undefined) return { kind: "denied", file: denied.file };
  const allowed =
    within("allow") ?? layers.find(({ members }) => membersOf(members.permissions).defaultMode === "bypassPermissions");
  return allowed === undefined ? { kind: "asked" } : { kind: "allowed", file: allowed.file };
}

function textsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
