import manifest from "../../../package.json" with { type: "json" };
import { DEFAULT_RETENTION_DAYS } from "../../domain/run/retention.ts";
import { tools } from "../../mcp/tools/index.ts";

/** Where the program lies in the bundle, beside its manifest. */
export const programInBundle = "server/main.js";

/** `manifest.json` of the MCPB bundle, which desktop clients install with a click and a form for the settings. */
export const mcpbManifest = {
  manifest_version: "0.3",
  name: manifest.name,
  display_name: "Kaizen Metrics",
  version: manifest.version,
  description: manifest.description,
  author: { name: manifest.author },
  license: manifest.license,
  keywords: manifest.keywords,
  server: {
    type: "node",
    entry_point: programInBundle,
    mcp_config: {
      command: "node",
      args: [`${filledIn("__dirname")}/${programInBundle}`, "serve", "--root", filledIn("user_config.project")],
      // Where a client has nothing to put in, an empty variable means the default, and an empty flag would be a mistake.
      env: { KAIZEN_RETENTION_DAYS: filledIn("user_config.retention_days") },
    },
  },
  user_config: {
    project: {
      type: "directory",
      title: "Project folder",
      description: "The project whose agents report here. Its metrics are kept in its folder .kaizen.",
      required: true,
    },
    retention_days: {
      type: "number",
      title: "Keep runs for (days)",
      description: "Older runs leave the store. 0 keeps them for ever.",
      default: DEFAULT_RETENTION_DAYS,
      min: 0,
      required: false,
    },
  },
  tools: tools.map((tool) => ({ name: tool.name, description: tool.listing().description })),
  // Clients are to ask the server for these: a manifest could only repeat the text of a prompt, not its data.
  prompts_generated: true,
  compatibility: {
    platforms: ["darwin", "linux", "win32"],
    runtimes: { node: manifest.engines.node },
  },
};

/** What the client replaces before it starts the server. */
function filledIn(name: string): string {
  return `\${${name}}`;
}
