import { agentFilesIn, agentFolders, nameOfFile, ownAgents, USUAL_LIMITS } from "./agent-files.ts";
import { agentToolsIn } from "./agent-tools.ts";
import { claudeFolder, claudeSettings, type SettingsContext } from "./claude-settings.ts";
import { unableCodexAgents } from "./codex-agents.ts";
import { agentProblems, namesOf, type ReportingProblem, settingsProblems } from "./problems.ts";
import { REPORT_TOOL } from "./report-tool.ts";
import { type UnableAgent, unableAgents } from "./reporting.ts";

// For who has time: a hook reads no agents of Codex, and loads nothing for them.

/** The agents of some clients that cannot report. */
export function unableAgentsOf(project: string, clients: readonly string[]): UnableAgent[] {
  return [...unableAgents(project, clients), ...(clients.includes("codex") ? unableCodexAgents(project) : [])];
}

/** The user's own agents of Claude Code whose tools leave the report out, but for those that the project has itself. */
export function unableOwnAgents(project: string, context: SettingsContext): string[] {
  const folder = claudeFolder(context);
  if (folder === undefined) return [];
  const agents = (root: string, from: Parameters<typeof agentFilesIn>[1]) =>
    [...agentFilesIn(root, from, USUAL_LIMITS)].map(({ file, text }) => {
      const { hasReportTool, name } = agentToolsIn(text);
      return { name: name ?? nameOfFile(file), hasReportTool };
    });
  const ofProject = new Set(agents(project, agentFolders["claude-code"]).map(({ name }) => name));
  const unable = agents(folder, ownAgents).filter(({ hasReportTool, name }) => !hasReportTool && !ofProject.has(name));
  return unable.map(({ name }) => name);
}

/** They serve every project, and lie outside of this one: they are told of, and never changed. */
export function ownAgentProblems(agents: readonly string[]): ReportingProblem[] {
  if (agents.length === 0) return [];
  const what = `Your own ${namesOf(agents)} cannot report: the tools leave record_execution out.`;
  return [{ kind: "own-agents", what, mend: `add ${REPORT_TOOL} to tools: in ~/.claude/agents` }];
}

/** What keeps the agents of some clients from reporting, the worst first. */
export function reportingProblems(
  project: string,
  context: SettingsContext,
  clients: readonly string[],
): ReportingProblem[] {
  const ofAgents = agentProblems(unableAgentsOf(project, clients));
  if (!clients.includes("claude-code")) return ofAgents;
  const ofSettings = settingsProblems(claudeSettings(project, context));
  return [...ofSettings, ...ofAgents, ...ownAgentProblems(unableOwnAgents(project, context))];
}
