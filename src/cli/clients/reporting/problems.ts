import { plainLine } from "../../../domain/text/plain-text.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { agentFolders } from "./agent-files.ts";
import { type ClaudeSettings, claudeSettings, type SettingsContext } from "./claude-settings.ts";
import { type UnableAgent, unableAgents } from "./reporting.ts";

/** Something that keeps agents from reporting, in a sentence, and what mends it. */
export interface ReportingProblem {
  readonly kind: "unreadable" | "server-off" | "denied" | "asked" | "no-tool";
  readonly what: string;
  readonly mend: string;
}

/** What keeps the agents of some clients from reporting, the worst first. */
export function reportingProblems(
  project: string,
  context: SettingsContext,
  clients: readonly string[],
): ReportingProblem[] {
  const ofClaude = clients.includes("claude-code") ? settingsProblems(claudeSettings(project, context)) : [];
  return [...ofClaude, ...agentProblems(unableAgents(project, clients))];
}

/** A person may want to be asked: that is for them to decide, and no fault. */
export function isFault({ kind }: ReportingProblem): boolean {
  return kind !== "asked";
}

export function settingsProblems({ permission, server, unreadable }: ClaudeSettings): ReportingProblem[] {
  const problems: ReportingProblem[] = unreadable.map((file) => ({
    kind: "unreadable",
    what: `${file} cannot be read, and may switch anything off.`,
    mend: "make it readable JSON again",
  }));
  if (server.kind === "off") {
    problems.push({
      kind: "server-off",
      what: `Claude Code does not start the server: ${server.key} in ${server.file} has it. No agent is asked to report.`,
      mend: `${howToSwitchOn(server.key)}, and start Claude Code anew`,
    });
  }
  if (permission.kind === "denied") {
    const what = `permissions.deny in ${permission.file} keeps every agent from reporting.`;
    problems.push({ kind: "denied", what, mend: "take the rule out of there" });
  }
  if (permission.kind === "asked") {
    const what = "Claude Code may ask you about each report, and refuses it if it cannot ask.";
    problems.push({ kind: "asked", what, mend: howToAllow("claude-code") });
  }
  return problems;
}

export function howToSwitchOn(key: string): string {
  return key === "disabledMcpServers" ? "switch it on with /mcp in Claude Code" : "claude mcp reset-project-choices";
}

export function howToAllow(client: string): string {
  return `${SERVER_NAME} init --client ${client} --allow`;
}

const SHOWN_AGENTS = 12;

export function agentProblems(agents: readonly UnableAgent[]): ReportingProblem[] {
  return Object.keys(agentFolders).flatMap((client) => {
    const its = agents.filter((one) => one.client === client);
    const forbidden = its.filter(({ isForbidden }) => isForbidden);
    const without = its.filter(({ isForbidden }) => !isForbidden);
    const problem = (what: string, those: readonly UnableAgent[], mend: string): ReportingProblem[] =>
      those.length === 0 ? [] : [{ kind: "no-tool", what: `${namesOf(those)} cannot report: ${what}.`, mend }];
    return [
      ...problem("the tools leave out record_execution", without, howToAllow(client)),
      ...problem("disallowedTools has record_execution", forbidden, "take it out of there"),
    ];
  });
}

/** The name of an agent stands in a file of the project: it steers no terminal. */
function namesOf(agents: readonly UnableAgent[]): string {
  const shown = agents.slice(0, SHOWN_AGENTS).map(({ agent }) => plainLine(agent, 64));
  const rest = agents.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
