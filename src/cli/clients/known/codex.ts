import { hookByPath, serverByPath } from "../by-path.ts";
import type { Client, Setup } from "../client.ts";
import { jsonHooks } from "../entries/json-hooks.ts";
import { tomlServer } from "../entries/toml-server.ts";
import { type HookEvent, type HookHandler, sharedEvents } from "../entry/hooks.ts";
import { withoutVariables } from "../entry/launch.ts";

/**
 * Codex knows no variables, and starts servers and hooks in the folder that it was started in. Its hooks have Claude
 * Code's form and payloads, but for a shell only.
 */
export const codex: Client = {
  name: "codex",
  title: "Codex",
  signs: { project: [".codex"], home: [".codex"] },
  parts: (setup) => [
    { file: ".codex/config.toml", edits: [tomlServer(serverByPath(setup, rootOf(setup)))] },
    ...(setup.withHooks
      ? [{ file: ".codex/hooks.json", edits: [jsonHooks(sharedEvents, (event) => hookHandler(setup, event))] }]
      : []),
  ],
  expectStartable: (setup) => void withoutVariables(rootOf(setup)),
  nextSteps: ({ launch, withHooks }) => [
    `Start Codex ${launch.kind === "local" ? "in the project's own folder" : "in the project"}, and trust the project when it asks: only then does it read .codex. /mcp shows the server.`,
    ...(withHooks
      ? ["Approve the hooks with /hooks: a subagent starts with its brief then, and that it ran is noted."]
      : []),
  ],
  firstTry: "Which agents have recorded runs in this project?",
  neededHooks: sharedEvents.map(({ name }) => name),
};

function hookHandler(setup: Setup, event: HookEvent): HookHandler {
  const { command, timeoutS } = hookByPath(setup, event, rootOf(setup));
  return { type: "command", command, timeout: timeoutS };
}

/** A path from the project's folder works only there, and then so does the dot. */
function rootOf({ launch, project }: Setup): string {
  return launch.kind === "local" ? "." : project;
}
