/**
 * The hooks, once for every place where they are written: clients that take Claude Code's form, and the plugin.
 * Each is answered by the command `hook NAME`.
 */
export const hookEvents = [
  { event: "SessionStart", name: "session-start" },
  { event: "SubagentStart", name: "subagent-start" },
  { event: "SubagentStop", name: "subagent-stop" },
] as const;

export type HookEvent = (typeof hookEvents)[number];

/** A hook is done within a second; this is for a machine that is very busy. */
export const HOOK_TIMEOUT_S = 10;

/** npx looks for the package first, and may have to fetch it. */
export const NPX_HOOK_TIMEOUT_S = 60;

/** What a client runs for an event: an executable with arguments, or a line for a shell. */
export interface HookHandler {
  readonly name?: string;
  readonly type: "command";
  readonly command: string;
  readonly args?: readonly string[];
  readonly timeout: number;
}

/** The value of `hooks` in a file that has only ours. */
export function hooksObject(
  handler: (event: HookEvent) => HookHandler,
): Record<HookEvent["event"], readonly { readonly hooks: readonly HookHandler[] }[]> {
  const group = (event: HookEvent) => [{ hooks: [handler(event)] }];
  const [sessionStart, subagentStart, subagentStop] = hookEvents;
  return {
    SessionStart: group(sessionStart),
    SubagentStart: group(subagentStart),
    SubagentStop: group(subagentStop),
  };
}
