import { hookByPath, serverByPath } from "../by-path.ts";
import type { Client, Setup } from "../client.ts";
import { jsonHooks } from "../entries/json-hooks.ts";
import { jsonServer } from "../entries/json-server.ts";
import { type HookEvent, type HookHandler, hookEvents } from "../entry/hooks.ts";
import { SERVER_NAME } from "../entry/launch.ts";

/** The folder that Gemini CLI was started in. */
const ROOT = ".";

/**
 * Gemini CLI reads the settings of the folder that it was started in, and starts servers and hooks there, so that the
 * dot is the project. Of its hooks the first of a session is as Claude Code's; it has none for subagents.
 */
export const gemini: Client = {
  name: "gemini",
  title: "Gemini CLI",
  signs: { project: [".gemini", "GEMINI.md"], home: [".gemini"] },
  parts: (setup) => [
    {
      file: ".gemini/settings.json",
      edits: [
        jsonServer({ key: "mcpServers" }, serverByPath(setup, ROOT)),
        ...(setup.withHooks ? [jsonHooks([hookEvents[0]], (event) => hookHandler(setup, event))] : []),
      ],
    },
  ],
  nextSteps: ({ withHooks }) => [
    "Start Gemini CLI in the project's own folder, and trust the folder when it asks. /mcp list shows the server.",
    ...(withHooks
      ? ["/hooks panel shows the hook that begins a session with a brief; subagents have no hooks there."]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project?",
};

function hookHandler(setup: Setup, event: HookEvent): HookHandler {
  const { command, timeoutS } = hookByPath(setup, event, ROOT);
  // Here the unit is the millisecond.
  return { name: SERVER_NAME, type: "command", command, timeout: timeoutS * 1000 };
}
