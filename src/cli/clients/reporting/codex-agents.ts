import { parse } from "smol-toml";
import { isJsonObject, type JsonValue } from "../../../domain/text/json.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { membersOf } from "../files/configuration.ts";
import { agentFilesIn, nameOfFile, USUAL_LIMITS } from "./agent-files.ts";
import type { UnableAgent } from "./reporting.ts";

/** Codex reads these, and no markdown. */
const codexAgents = { folder: ".codex/agents", ending: /\.toml$/i };
const TOOL = "record_execution";

/**
 * The agents of Codex whose own file keeps the report from them. An agent has every tool of the project's servers, unless
 * its file says otherwise of a server. Some versions of Codex do not keep to that; what a person has written there counts
 * here all the same. Nothing there is changed for them.
 */
export function unableCodexAgents(project: string): UnableAgent[] {
  return [...agentFilesIn(project, codexAgents, USUAL_LIMITS)].flatMap(({ file, text }) => {
    const agent = membersIn(text);
    if (hasReportTool(membersOf(membersOf(agent.mcp_servers)[SERVER_NAME]))) return [];
    const name = typeof agent.name === "string" ? agent.name.trim() : "";
    return [{ agent: name || nameOfFile(file), client: "codex", file, isForbidden: true }];
  });
}

function hasReportTool({ disabled_tools, enabled, enabled_tools }: ReturnType<typeof membersOf>): boolean {
  const isIn = (list: JsonValue | undefined) => Array.isArray(list) && list.includes(TOOL);
  return enabled !== false && !isIn(disabled_tools) && (!Array.isArray(enabled_tools) || isIn(enabled_tools));
}

/** What is no TOML says nothing. */
function membersIn(text: string): ReturnType<typeof membersOf> {
  try {
    const read: unknown = parse(text);
    return isJsonObject(read) ? read : {};
  } catch {
    return {};
  }
}
