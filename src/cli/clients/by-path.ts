import type { Setup } from "./client.ts";
import { HOOK_TIMEOUT_S, type HookEvent, NPX_HOOK_TIMEOUT_S } from "./entry/hooks.ts";
import { shellWord } from "./entry/launch.ts";
import type { ServerEntry } from "./entry/server-entry.ts";

// For clients that put nothing in the place of variables: paths stand as they are, and the project is named by one.

export function serverByPath(setup: Setup, root: string): ServerEntry {
  const { command, args } = program(setup);
  return { command, args: [...args, "--root", root, ...setup.flags] };
}

/** One line for a shell, and how long it may take. */
export function hookByPath(setup: Setup, { name }: HookEvent, root: string): { command: string; timeoutS: number } {
  const { command, args } = program(setup);
  const words = [command, ...args, "hook", name, "--root", root, ...setup.flags];
  return {
    command: words.map((word) => shellWord(word, setup.windows)).join(" "),
    timeoutS: setup.launch.kind === "npx" ? NPX_HOOK_TIMEOUT_S : HOOK_TIMEOUT_S,
  };
}

function program({ launch }: Setup): ServerEntry {
  if (launch.kind === "npx") return { command: "npx", args: ["-y", launch.packageSpec] };
  return { command: "node", args: [launch.path] };
}
