import { SERVER_NAME } from "./launch.ts";

export interface HookEvent {
  readonly event: string;
  /** What is behind `hook` on the line that answers it. */
  readonly name: string;
  /** For which of them; left out: for each. */
  readonly matcher?: string;
}

/** The hooks that every client of Claude Code's form has. Each is answered by the command `hook NAME`. */
export const sharedEvents = [
  { event: "SessionStart", name: "session-start" },
  { event: "SubagentStart", name: "subagent-start" },
  { event: "SubagentStop", name: "subagent-stop" },
] as const satisfies readonly HookEvent[];

/**
 * All hooks, once for every place where they are written. Claude Code has three besides. If an error of the API ends a
 * subagent, StopFailure comes in the place of SubagentStop (seen with 2.1.197). Stop ends a turn of the main conversation.
 * UserPromptExpansion comes if a person has typed a command, and for no other prompt (code.claude.com/docs/en/hooks, since
 * April 2026; not seen by us).
 */
export const hookEvents = [
  ...sharedEvents,
  { event: "StopFailure", name: "subagent-stop" },
  { event: "Stop", name: "stop" },
  { event: "UserPromptExpansion", name: "user-prompt", matcher: `^${SERVER_NAME}:(?:good|bad)$` },
] as const satisfies readonly HookEvent[];

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
): Record<string, readonly object[]> {
  return Object.fromEntries(events.map((event) => [event.event, [groupOf(event, handler(event))]]));
}

/** A group of handlers for an event, which has only ours. */
export function groupOf<T>({ matcher }: HookEvent, handler: T) {
  return { ...(matcher === undefined ? {} : { matcher }), hooks: [handler] };
}
