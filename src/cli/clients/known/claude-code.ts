import type { Client, Part, Setup } from "../client.ts";
import { jsonHooks } from "../entries/json-hooks.ts";
import { jsonListItem } from "../entries/json-list.ts";
import { jsonServer } from "../entries/json-server.ts";
import { jsonStatusLine } from "../entries/json-status-line.ts";
import { peopleCommands } from "../entry/commands.ts";
import { type HookEvent, type HookHandler, hookEvents, hookLine, hookTimeoutS, sharedEvents } from "../entry/hooks.ts";
import { SERVER_NAME, shellWord } from "../entry/launch.ts";
import type { ServerEntry } from "../entry/server-entry.ts";
import { wholeFile } from "../files/whole-file.ts";
import { REPORT_TOOL } from "../reporting/report-tool.ts";

/** The skill that leads from runs to advice, and from advice to what it did. */
const SKILL = "kaizen-loop";

const neededHooks = sharedEvents.map(({ name }) => name);

/**
 * Claude Code tells every server and hook the project's folder in CLAUDE_PROJECT_DIR, so nothing names it here, and a
 * file that is shared means each one's own. In .mcp.json the variable needs a default; in hooks it has none.
 */
export const claudeCode: Client = {
  name: "claude-code",
  title: "Claude Code",
  signs: { project: [".claude", ".mcp.json", "CLAUDE.md"], home: [".claude", ".claude.json"] },
  parts: (setup) => [
    serverForClaude(setup),
    ...settingsParts(setup),
    ...(setup.withHooks
      ? [
          ...peopleCommands.map(({ name, text }) => ({
            file: `.claude/commands/${SERVER_NAME}/${name}.md`,
            edits: [wholeFile(`command /${SERVER_NAME}:${name}`, text)],
          })),
          ...(setup.skill === undefined
            ? []
            : [{ file: `.claude/skills/${SKILL}/SKILL.md`, edits: [wholeFile(`skill ${SKILL}`, setup.skill)] }]),
        ]
      : []),
  ],
  nextSteps: ({ withHooks }) => [
    `Start Claude Code in the project, or start it anew, and approve the server when it asks. /mcp shows it.`,
    ...(withHooks
      ? [
          `/hooks shows the hooks: a subagent starts with its brief, and that it ran is noted.`,
          `How a run came out is for you to say: /${SERVER_NAME}:good, or /${SERVER_NAME}:bad and why.`,
          `After ten runs or so, ask for advice: /${SKILL}. Adopt what you agree to; the brief then tells how runs went since.`,
        ]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project?",
  neededHooks,
};

/** In the file that GitHub Copilot CLI reads as well, and puts the same in the place of the variable (seen with 1.0.102). */
export function serverForClaude(setup: Setup): Part {
  return { file: ".mcp.json", edits: [jsonServer({ key: "mcpServers" }, serverEntry(setup))], isShared: true };
}

/** The settings of hooks, permissions and status line share a file, and so a part. */
function settingsParts(setup: Setup): Part[] {
  const edits = [
    ...(setup.withHooks ? [jsonHooks(hookEvents, (event) => hookHandler(setup, event))] : []),
    ...(setup.allows === true ? [jsonListItem(["permissions", "allow"], REPORT_TOOL)] : []),
    ...(setup.statusLine === true ? [jsonStatusLine(statusLineCommand(setup))] : []),
  ];
  return edits.length === 0 ? [] : [{ file: ".claude/settings.json", edits }];
}

function serverEntry({ flags, launch, windows }: Setup): ServerEntry {
  if (launch.kind === "file") return { command: "node", args: [launch.path, ...flags] };
  if (launch.kind === "local") {
    return { command: "node", args: [`\${CLAUDE_PROJECT_DIR:-.}/${launch.path}`, ...flags] };
  }
  const args = ["-y", launch.packageSpec, ...flags];
  // On Windows npx is a script, and Claude Code starts programs only.
  return windows ? { command: "cmd", args: ["/c", "npx", ...args] } : { command: "npx", args };
}

/**
 * A line for a shell: Copilot CLI and VS Code read this file too, and leave out the arguments that stand beside a program.
 * The variable is set by Claude Code and by Copilot CLI.
 */
function hookHandler({ flags, launch, project, windows }: Setup, { name }: HookEvent): HookHandler {
  const command = hookLine(launch, name, {
    windows,
    flags,
    project: { variable: "CLAUDE_PROJECT_DIR", path: project },
  });
  return { type: "command", command, timeout: hookTimeoutS(launch) };
}

/** A line for a shell. The variable has a default here, as not every version sets it for a status line. */
function statusLineCommand({ flags, launch, windows }: Setup): string {
  const rest = ["statusline", ...flags];
  if (launch.kind === "npx") return ["npx", "-y", launch.packageSpec, ...rest].join(" ");
  if (launch.kind === "file") return ["node", shellWord(launch.path, windows), ...rest].join(" ");
  // Which shell reads it on Windows depends on what is installed, so that no variable can be written there.
  return ["node", windows ? launch.path : `"\${CLAUDE_PROJECT_DIR:-.}/${launch.path}"`, ...rest].join(" ");
}
