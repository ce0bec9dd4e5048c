import { claudeSettings, type SettingsContext } from "./claude-settings.ts";
import { unableCodexAgents } from "./codex-agents.ts";
import { agentProblems, type ReportingProblem, settingsProblems } from "./problems.ts";
import { type UnableAgent, unableAgents } from "./reporting.ts";

// For who has time: a hook reads no agents of Codex, and loads nothing for them.

/** The agents of a client that cannot report. */
export function unableAgentsOf(project: string, client: string): UnableAgent[] {
  return client === "codex" ? unableCodexAgents(project) : unableAgents(project, client);
}

/** What keeps the agents of a client from reporting, the worst first. */
export function reportingProblems(project: string, context: SettingsContext, client: string): ReportingProblem[] {
  const ofClaude = client === "claude-code" ? settingsProblems(claudeSettings(project, context)) : [];
  return [...ofClaude, ...agentProblems(unableAgentsOf(project, client))];
}
