import { plainLine } from "../../../domain/text/plain-text.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { agentFolders } from "./agent-files.ts";
import type { ClaudeSettings } from "./claude-settings.ts";
import type { UnableAgent } from "./reporting.ts";

/** Something that keeps agents from reporting, in a sentence, and what mends it. */
export interface ReportingProblem {
  readonly kind: "unreadable" | "server-off" | "denied" | "asked" | "no-tool" | "own-agents";
  readonly what: string;
  readonly mend: string;
}

/** A person may want to be asked, and has agents for other projects: that is for them to decide, and no fault. */
export function isFault({ kind }: ReportingProblem): boolean {
  return kind !== "asked" && kind !== "own-agents";
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
  return [...Object.keys(agentFolders), "codex"].flatMap((client) => {
    const its = agents.filter((one) => one.client === client);
    const [first] = its;
    if (client === "codex" && first !== undefined) {
      const what = `${namesOf(its.map(({ agent }) => agent))} cannot report: [mcp_servers.${SERVER_NAME}] of the agent keeps record_execution from it.`;
      return [{ kind: "no-tool", what, mend: `let it have the tool in ${plainLine(first.file, 120)}` }];
    }
    const forbidden = its.filter(({ isForbidden }) => isForbidden);
    const without = its.filter(({ isForbidden }) => !isForbidden);
    const problem = (what: string, those: readonly UnableAgent[], mend: string): ReportingProblem[] =>
      those.length === 0
        ? []
        : [{ kind: "no-tool", what: `${namesOf(those.map(({ agent }) => agent))} cannot report: ${what}.`, mend }];
    return [
      ...problem("the tools leave out record_execution", without, howToAllow(client)),
      ...problem("disallowedTools has record_execution", forbidden, "take it out of there"),
    ];
  });
}

/** The name of an agent stands in a file of the project: it steers no terminal. */
export function namesOf(agents: readonly string[]): string {
  const shown = agents.slice(0, SHOWN_AGENTS).map((agent) => plainLine(agent, 64));
  const rest = agents.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
