import { SERVER_NAME } from "../entry/launch.ts";

/** What Claude Code calls the tool that reports a run, from the server that `init` writes. */
export const REPORT_TOOL = `mcp__${SERVER_NAME}__record_execution`;

/** What VS Code and GitHub Copilot call it in the file of an agent. */
export const REPORT_TOOL_OF_COPILOT = `${SERVER_NAME}/record_execution`;

/** Every name of the tool, with the one that it has if the plugin starts the server. */
const names: readonly string[] = [
  REPORT_TOOL,
  `mcp__plugin_${SERVER_NAME}_${SERVER_NAME}__record_execution`,
  REPORT_TOOL_OF_COPILOT,
  "record_execution",
];

/** A server's name stands for all of its tools. */
const servers: readonly string[] = [SERVER_NAME, `mcp__${SERVER_NAME}`, `mcp__plugin_${SERVER_NAME}_${SERVER_NAME}`];

/** Whether an item of a client's list of tools means this one; a star at its end stands for anything. */
export function meansReportTool(item: string): boolean {
  if (!item.endsWith("*")) return names.includes(item) || servers.includes(item);
  const beginning = item.slice(0, -1);
  return names.some((name) => name.startsWith(beginning));
}
