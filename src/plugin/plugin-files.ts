import { readFileSync } from "node:fs";
import { peopleCommands } from "../cli/clients/entry/commands.ts";
import { HOOK_TIMEOUT_S, hookEvents, hooksObject } from "../cli/clients/entry/hooks.ts";
import { SERVER_NAME } from "../cli/clients/entry/launch.ts";

/** Where the build puts the program into the plugin's folder: a plugin reaches nothing outside of its own. */
export const programInPlugin = "dist/main.js";

const SKILL = "skills/kaizen-loop/SKILL.md";

/** What Claude Code puts the plugin's folder in the place of. */
const PROGRAM = `\${CLAUDE_PLUGIN_ROOT}/${programInPlugin}`;

/**
 * Every file of the Claude Code plugin but the program itself, by its path in the plugin's folder
 * (code.claude.com/docs/en/plugins-reference). The project is the one that Claude Code is started in: it says so to the
 * server and to the hooks in CLAUDE_PROJECT_DIR.
 */
export function pluginFiles(manifest: {
  readonly version: string;
  readonly description: string;
  readonly author: string;
  readonly license: string;
  readonly keywords: readonly string[];
}): ReadonlyMap<string, string> {
  const { author, description, keywords, license, version } = manifest;
  return new Map([
    [
      ".claude-plugin/plugin.json",
      json({
        name: SERVER_NAME,
        displayName: "Kaizen Metrics",
        version,
        description,
        author: { name: author },
        license,
        keywords,
      }),
    ],
    [".mcp.json", json({ mcpServers: { [SERVER_NAME]: { command: "node", args: [PROGRAM] } } })],
    [
      "hooks/hooks.json",
      json({
        description: `A subagent starts with its brief, and that it ran is noted: ${hookEvents.map(({ event }) => event).join(", ")}`,
        hooks: hooksObject(hookEvents, ({ name }) => ({
          type: "command",
          // Whole in quotes: PowerShell would make two words of it. Clients put the folder there, or a variable has it.
          command: `node "${PROGRAM}" hook ${name}`,
          timeout: HOOK_TIMEOUT_S,
        })),
      }),
    ],
    ...peopleCommands.map(({ name, text }): [string, string] => [`commands/${name}.md`, text]),
    [SKILL, readFileSync(new URL(SKILL, import.meta.url), "utf8")],
    // The program is a module, and nothing else in the plugin says so to Node.js.
    ["package.json", json({ type: "module" })],
  ]);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
