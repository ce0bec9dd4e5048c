import type { Setup } from "./client.ts";
import { type HookEvent, hookLine, hookTimeoutS } from "./entry/hooks.ts";
import type { ServerEntry } from "./entry/server-entry.ts";

// For clients that put nothing in the place of variables: paths stand as they are, and the project is named by one.

export function serverByPath(setup: Setup, root: string): ServerEntry {
  const { command, args } = program(setup);
  return { command, args: [...args, "--root", root, ...setup.flags] };
}

/**
 * One line for a shell, and how long it may take. Without a root, it is for a client that starts hooks in the project's
 * folder.
 */
export function hookByPath(setup: Setup, { name }: HookEvent, root?: string): { command: string; timeoutS: number } {
  const { flags, launch, windows } = setup;
  const named = root === undefined ? flags : ["--root", root, ...flags];
  return { command: hookLine(launch, name, { windows, flags: named }), timeoutS: hookTimeoutS(launch) };
}

function program({ launch }: Setup): ServerEntry {
  if (launch.kind === "npx") return { command: "npx", args: ["-y", launch.packageSpec] };
  return { command: "node", args: [launch.path] };
}
