import { printable } from "../../domain/text/plain-text.ts";

/** What a person reads who starts the server by hand, instead of nothing and a cursor. */
export function terminalGreeting(facts: {
  readonly version: string;
  /** The file that was started. */
  readonly script: string;
  /** The project's folder, or why there is none. */
  readonly project: { readonly path: string } | { readonly problem: string };
}): string {
  const { project, script, version } = facts;
  const found = "path" in project;
  const root = found ? project.path : "/path/to/your/project";
  const args = [script, "--root", root];
  const config = { mcpServers: { "kaizen-metrics": { command: "node", args } } };
  return printable(`kaizen-metrics ${version} is a server for MCP clients. It speaks JSON-RPC on stdin and stdout, and waits for a client.
It is of no use typed at; end it with Ctrl-D or Ctrl-C.

Files:   ${found ? `${project.path}/.kaizen/metrics (created with the first recorded run)` : project.problem}

Claude Code, in a terminal:
  claude mcp add kaizen-metrics -- node ${args.map(shellWord).join(" ")}

Cursor (.cursor/mcp.json), Claude Code (.mcp.json) and most other clients:
${indented(JSON.stringify(config, null, 2))}

VS Code (.vscode/mcp.json) has "servers" in place of "mcpServers". More: --help
`);
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
