/** The hooks that every client of Claude Code's form has. Each is answered by the command `hook NAME`. */
export const sharedEvents = [
  { event: "SessionStart", name: "session-start" },
  { event: "SubagentStart", name: "subagent-start" },
  { event: "SubagentStop", name: "subagent-stop" },
] as const;

/**
 * All hooks, once for every place where they are written. Claude Code has StopFailure besides: where an error of the API
 * ends a subagent, it comes in the place of SubagentStop (seen with 2.1.197).
 */
export const hookEvents = [...sharedEvents, { event: "StopFailure", name: "subagent-stop" }] as const;

export type HookEvent = (typeof hookEvents)[number];

/** A hook gives itself up after half of this; the rest is for a machine that is very busy. */
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
  events: readonly HookEvent[],
  handler: (event: HookEvent) => HookHandler,
): Record<string, readonly { readonly hooks: readonly HookHandler[] }[]> {
  return Object.fromEntries(events.map((event) => [event.event, [{ hooks: [handler(event)] }]]));
}
