import type { Client, Setup } from "./client.ts";
import { HOOK_TIMEOUT_S, type HookHandler, hookEvents, NPX_HOOK_TIMEOUT_S } from "./hooks.ts";
import { jsonHooks } from "./json-hooks.ts";
import { jsonServer } from "./json-server.ts";
import { SERVER_NAME, shellWord } from "./launch.ts";

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
        jsonServer("mcpServers", { command: start(setup).command, args: [...start(setup).args, "--root", "."] }),
        ...(setup.withHooks ? [jsonHooks([hookEvents[0]], () => hookHandler(setup))] : []),
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

function start({ launch }: Setup): { command: string; args: readonly string[] } {
  if (launch.kind === "npx") return { command: "npx", args: ["-y", launch.packageSpec] };
  return { command: "node", args: [launch.path] };
}

function hookHandler(setup: Setup): HookHandler {
  const { command, args } = start(setup);
  const words = [command, ...args, "hook", hookEvents[0].name, "--root", "."];
  const timeoutS = setup.launch.kind === "npx" ? NPX_HOOK_TIMEOUT_S : HOOK_TIMEOUT_S;
  return {
    name: SERVER_NAME,
    type: "command",
    command: words.map((word) => shellWord(word, setup.windows)).join(" "),
    // Here the unit is the millisecond.
    timeout: timeoutS * 1000,
  };
}
