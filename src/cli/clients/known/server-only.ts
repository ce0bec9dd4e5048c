import { serverByPath } from "../by-path.ts";
import { type Client, type Setup, withoutHooksNote } from "../client.ts";
import { jsonServer, type ServerList } from "../entries/json-server.ts";
import { withoutVariables } from "../entry/launch.ts";
import { fileWithOurs } from "../files/file-with-ours.ts";

/** A client that is told of the server, and of nothing else. */
interface ServerOnly extends Pick<Client, "name" | "title" | "signs"> {
  /** Where it reads its servers, from the project's folder; of several, the first is made if none is there. */
  readonly files: readonly [string, ...string[]];
  readonly list: ServerList;
  readonly next: string;
}

const mcpServers: ServerList = { key: "mcpServers" };

/**
 * What their makers document, in November 2026; none of it was seen by us. In which folder they start a server, few say,
 * so that every path is whole.
 */
const known: readonly ServerOnly[] = [
  {
    name: "windsurf",
    title: "Windsurf (Devin Desktop)",
    signs: { project: [".devin", ".windsurf", ".windsurfrules"], home: [".codeium/windsurf", ".config/devin"] },
    files: [".devin/mcp_config.json"],
    list: mcpServers,
    next: "Open the MCP list of the agent panel: it shows the server. A Windsurf from before June 2026 reads no file of a project: put the entry into ~/.codeium/windsurf/mcp_config.json there.",
  },
  {
    name: "zed",
    title: "Zed",
    signs: { project: [".zed"], home: [".config/zed"] },
    files: [".zed/settings.json"],
    list: {
      key: "context_servers",
      form: ({ args, command }) => ({ source: "custom", command, args: [...args] }),
    },
    next: "Trust the project when Zed asks. The settings of the agent panel show the server with a green dot.",
  },
  {
    name: "junie",
    title: "JetBrains Junie",
    signs: { project: [".junie"], home: [".junie"] },
    files: [".junie/mcp/mcp.json"],
    list: mcpServers,
    next: "In the IDE's settings, under Tools, Junie, MCP Settings, switch the server on.",
  },
  {
    name: "amp",
    title: "Amp",
    signs: { project: [".amp"], home: [".config/amp"] },
    files: [".amp/settings.json", ".amp/settings.jsonc"],
    list: { key: "amp.mcpServers" },
    next: "Start Amp in the project, and approve the server: amp mcp approve kaizen-metrics.",
  },
  {
    name: "kiro",
    title: "Kiro",
    signs: { project: [".kiro"], home: [".kiro"] },
    files: [".kiro/settings/mcp.json"],
    list: mcpServers,
    next: "Open the MCP servers of the Kiro panel: they show the server as connected.",
  },
  {
    name: "roo",
    title: "Roo Code",
    signs: { project: [".roo", ".roomodes"], home: [".roo"] },
    files: [".roo/mcp.json"],
    list: mcpServers,
    next: "Open MCP Servers in Roo Code: they show the server as connected.",
  },
  {
    name: "qwen",
    title: "Qwen Code",
    signs: { project: [".qwen", "QWEN.md"], home: [".qwen"] },
    files: [".qwen/settings.json"],
    list: mcpServers,
    next: "Start Qwen Code in the project. /mcp shows the server.",
  },
];

export const serverOnly: readonly Client[] = known.map(({ files, list, next, ...names }) => ({
  ...names,
  parts: (setup) => [
    { file: fileWithOurs(setup.project, files), edits: [jsonServer(list, serverByPath(setup, setup.project))] },
  ],
  expectStartable: ({ project }) => void withoutVariables(project),
  nextSteps: () => [next, `No hooks are written for ${names.title}: ${withoutHooksNote}.`],
  firstTry: "Which agents have recorded runs in this project? Use kaizen-metrics.",
  startsAnywhere: true,
}));

/** Cline keeps its servers with its user's settings only, and `init` writes nothing outside of the project. */
export const cline: Client = {
  name: "cline",
  title: "Cline",
  signs: { project: [".clinerules", ".cline"], home: [".cline"] },
  parts: () => [],
  paste: (setup: Setup) => ({
    where:
      "cline_mcp_settings.json, which MCP Servers, Configure, Configure MCP Servers opens; of the CLI it is in ~/.cline/data/settings",
    text: jsonServer(mcpServers, serverByPath(setup, setup.project)).paste,
  }),
  expectStartable: ({ project }) => void withoutVariables(project),
  nextSteps: () => [
    "Restart the server in Cline's list of MCP servers.",
    `No hooks are written for Cline: ${withoutHooksNote}.`,
  ],
  firstTry: "Which agents have recorded runs in this project? Use kaizen-metrics.",
  startsAnywhere: true,
};
