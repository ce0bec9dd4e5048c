import {
  type AgentFileLimits,
  agentFilesIn,
  agentFolders,
  nameOfFile,
  ownAgents,
  USUAL_LIMITS,
} from "./agent-files.ts";
import { agentToolsIn } from "./agent-tools.ts";
import { type ClaudeSettings, claudeFolder, claudeSettings, type SettingsContext } from "./claude-settings.ts";

type ClientWithAgents = keyof typeof agentFolders;

/** An agent whose tools leave out the one that reports its runs. */
export interface UnableAgent {
  readonly agent: string;
  readonly client: ClientWithAgents | "codex";
  /** From the project's folder, with `/`. */
  readonly file: string;
  /** Whether the tool is forbidden: only a person takes that back. */
  readonly isForbidden: boolean;
}

const withAgents: readonly ClientWithAgents[] = ["claude-code", "vscode", "copilot"];

/** The agents of a project that cannot report, of some clients or of all; each once, though two clients have the same. */
export function unableAgents(
  project: string,
  only?: readonly string[],
  limits: AgentFileLimits = USUAL_LIMITS,
): UnableAgent[] {
  const unable = withAgents
    .filter((client) => only === undefined || only.includes(client))
    .flatMap((client) =>
      [...agentFilesIn(project, agentFolders[client], limits)].flatMap(({ file, text }) => {
        const { hasReportTool, isForbidden, name } = agentToolsIn(text);
        return hasReportTool ? [] : [{ agent: name ?? nameOfFile(file), client, file, isForbidden }];
      }),
    );
  return unable.filter(({ file }, index) => unable.findIndex((one) => one.file === file) === index);
}

/** Whether an agent can report its run, as far as files tell; if nothing can be read, it can. */
export type CanReport =
  | { readonly kind: "can" }
  /** Its tools leave the one for it out, or no agent may call it. */
  | { readonly kind: "no-tool"; readonly file: string }
  /** A person has declined the server, or switched it off. */
  | { readonly kind: "server-off"; readonly file: string };

/** A subagent waits for this. */
export const HOOK_LIMITS: AgentFileLimits = { files: 64, bytes: 256 * 1024 };

/** Whether an agent of Claude Code can report, by the type that the client calls it. Reads little. */
export function canReport(
  project: string,
  type: string,
  context: SettingsContext,
  onRead: (bytes: number) => void,
): CanReport {
  const off = whyNotAtAll(claudeSettings(project, context, onRead));
  if (off !== undefined) return off;
  const places = [
    { root: project, folder: agentFolders["claude-code"] },
    { root: claudeFolder(context), folder: ownAgents },
  ];
  for (const { folder, root } of places) {
    if (root === undefined) continue;
    for (const { file, text } of agentFilesIn(root, folder, { ...HOOK_LIMITS, onRead }, type)) {
      const { hasReportTool, name } = agentToolsIn(text);
      if ((name ?? nameOfFile(file)) === type) return hasReportTool ? { kind: "can" } : { kind: "no-tool", file };
    }
  }
  return { kind: "can" };
}

/** What keeps every agent from reporting. */
export function whyNotAtAll({ permission, server }: ClaudeSettings): Exclude<CanReport, { kind: "can" }> | undefined {
  if (server.kind === "off") return { kind: "server-off", file: server.file };
  return permission.kind === "denied" ? { kind: "no-tool", file: permission.file } : undefined;
}
