import { hookByPath } from "../by-path.ts";
import type { Part, Setup } from "../client.ts";
import { flatHooks } from "../entries/flat-hooks.ts";
import type { HookEvent } from "../entry/hooks.ts";

const events = [
  { event: "sessionStart", name: "session-start" },
  { event: "subagentStart", name: "subagent-start" },
  { event: "subagentStop", name: "subagent-stop" },
] as const satisfies readonly HookEvent[];

export const neededHooksOfCopilot: readonly string[] = events.map(({ name }) => name);

/**
 * A file of our own among those that GitHub Copilot CLI, its cloud agent and VS Code read. They start hooks in the
 * project's folder, by the line for the shell of the system (seen with Copilot CLI 1.0.102; code.visualstudio.com/docs).
 */
export function copilotHooks(setup: Setup): Part[] {
  if (!setup.withHooks) return [];
  return [
    {
      file: ".github/hooks/kaizen-metrics.json",
      edits: [
        flatHooks(events, events, (event) => {
          const { command, timeoutS } = hookByPath(setup, event);
          return { type: "command", bash: command, powershell: command, timeoutSec: timeoutS };
        }),
      ],
      isShared: true,
    },
  ];
}
