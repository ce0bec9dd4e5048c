import type { Client, Setup } from "./client.ts";
import { HOOK_TIMEOUT_S, type HookEvent, type HookHandler, NPX_HOOK_TIMEOUT_S, sharedEvents } from "./hooks.ts";
import { jsonHooks } from "./json-hooks.ts";
import { shellWord, withoutVariables } from "./launch.ts";
import type { ServerEntry } from "./server-entry.ts";
import { tomlServer } from "./toml-server.ts";

/**
 * Codex knows no variables, and starts servers and hooks in the folder that it was started in. Its hooks have Claude
 * Code's form and payloads, but for a shell only.
 */
export const codex: Client = {
  name: "codex",
  title: "Codex",
  signs: { project: [".codex"], home: [".codex"] },
  parts: (setup) => [
    { file: ".codex/config.toml", edits: [tomlServer(serverEntry(setup))] },
    ...(setup.withHooks
      ? [{ file: ".codex/hooks.json", edits: [jsonHooks(sharedEvents, (event) => hookHandler(setup, event))] }]
      : []),
  ],
  nextSteps: ({ launch, withHooks }) => [
    `Start Codex ${launch.kind === "local" ? "in the project's own folder" : "in the project"}, and trust the project when it asks: only then does it read .codex. /mcp shows the server.`,
    ...(withHooks
      ? ["Approve the hooks with /hooks: a subagent starts with its brief then, and that it ran is noted."]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project?",
};

function serverEntry(setup: Setup): ServerEntry {
  const { command, args } = start(setup);
  return { command, args: [...args, "--root", rootOf(setup)] };
}

function hookHandler(setup: Setup, { name }: HookEvent): HookHandler {
  const { command, args } = start(setup);
  const words = [command, ...args, "hook", name, "--root", rootOf(setup)];
  return {
    type: "command",
    command: words.map((word) => shellWord(word, setup.windows)).join(" "),
    timeout: setup.launch.kind === "npx" ? NPX_HOOK_TIMEOUT_S : HOOK_TIMEOUT_S,
  };
}

function start({ launch }: Setup): ServerEntry {
  if (launch.kind === "npx") return { command: "npx", args: ["-y", launch.packageSpec] };
  return { command: "node", args: [launch.path] };
}

/** A path from the project's folder works only there, and then so does the dot. */
function rootOf({ launch, project }: Setup): string {
  return launch.kind === "local" ? "." : withoutVariables(project);
}
