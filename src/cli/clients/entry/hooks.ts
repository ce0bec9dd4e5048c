import { type Launch, SERVER_NAME, shellWord } from "./launch.ts";

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
const NPX_HOOK_TIMEOUT_S = 60;

export function hookTimeoutS({ kind }: Launch): number {
  return kind === "npx" ? NPX_HOOK_TIMEOUT_S : HOOK_TIMEOUT_S;
}

interface HookLine {
  readonly windows: boolean;
  /** Flags for the program, behind the hook's name. */
  readonly flags: readonly string[];
  /** The variable in which the client names the project's folder to a hook, if it may start hooks in another folder. */
  readonly project?: { readonly variable: string; readonly path: string };
}

/**
 * The line for a shell that runs a hook: every client has one shell or another, and some know nothing else. A program in
 * the project's node_modules is named from the project's folder, which is where a client without a variable starts hooks.
 */
export function hookLine(launch: Launch, name: string, { flags, project, windows }: HookLine): string {
  const words = ["hook", name, ...flags].map((word) => shellWord(word, windows));
  if (launch.kind === "npx") return ["npx", "-y", launch.packageSpec, ...words].join(" ");
  return ["node", programWord(launch, windows, project), ...words].join(" ");
}

function programWord({ kind, path }: Exclude<Launch, { kind: "npx" }>, windows: boolean, project: HookLine["project"]) {
  if (kind === "file" || project === undefined) return shellWord(path, windows);
  // Which shell reads it on Windows depends on what is installed, so that no variable can be written there.
  if (windows) return shellWord(`${project.path}/${path}`, windows);
  // Without the variable it would be a folder of the same name at the top, which is not the project's.
  return `"\${${project.variable}:?}"/${shellWord(path, windows)}`;
}

/** What a client runs for an event, as a line for a shell. */
export interface HookHandler {
  readonly name?: string;
  readonly type: "command";
  readonly command: string;
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
