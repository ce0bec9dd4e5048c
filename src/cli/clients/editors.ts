import { type Client, type Setup, withoutHooksNote } from "./client.ts";
import type { ServerEntry } from "./entry/server-entry.ts";
import { jsonServer } from "./files/json-server.ts";

/** Cursor and VS Code: both put the folder that has the file in the place of `${workspaceFolder}` in `args`. */
const FOLDER = "$" + "{workspaceFolder}";

/** Its hooks have a form of their own. */
export const cursor: Client = {
  name: "cursor",
  title: "Cursor",
  signs: { project: [".cursor", ".cursorrules"], home: [".cursor"] },
  parts: (setup) => [{ file: ".cursor/mcp.json", edits: [jsonServer("mcpServers", serverEntry(setup))] }],
  nextSteps: () => [
    'In Cursor\'s settings, under MCP, switch "kaizen-metrics" on; it turns green once it is connected.',
    `No hooks are written for Cursor: ${withoutHooksNote}.`,
  ],
  firstTry: "Which agents have recorded runs in this project? Use kaizen-metrics.",
};

/** Its hooks are a preview, with payloads of their own. */
export const vscode: Client = {
  name: "vscode",
  title: "VS Code",
  signs: { project: [".vscode"], home: [".vscode", ".vscode-server"] },
  parts: (setup) => [
    { file: ".vscode/mcp.json", edits: [jsonServer("servers", { type: "stdio", ...serverEntry(setup) })] },
  ],
  nextSteps: () => [
    'Run "MCP: List Servers" from the command palette, start "kaizen-metrics", and trust it when asked.',
    `No hooks are written for VS Code: ${withoutHooksNote}.`,
  ],
  firstTry: "Which agents have recorded runs in this project? #list_agents",
};

function serverEntry({ flags, launch }: Setup): ServerEntry {
  const root = ["--root", FOLDER, ...flags];
  if (launch.kind === "npx") return { command: "npx", args: ["-y", launch.packageSpec, ...root] };
  return { command: "node", args: [launch.kind === "file" ? launch.path : `${FOLDER}/${launch.path}`, ...root] };
}
