import { delimiter, join, resolve } from "node:path";
import type { JsonValue } from "../../domain/text/json.ts";
import { handlerWords, hookRunBy } from "../clients/entry/hook-command.ts";
import { type HookEvent, hookEvents } from "../clients/entry/hooks.ts";
import { wordsUpToProgram } from "../clients/entry/launch.ts";
import { type ConfiguredHook, hooksIn, readConfiguration } from "../clients/files/configuration.ts";
import type { CommandContext } from "../frame/define-command.ts";
import type { Payload } from "./payload.ts";
import { noteReading } from "./watchdog.ts";

const settings = [".claude/settings.json", ".claude/settings.local.json"];

/**
 * Whether the project that the plugin's hook runs in has the same one, which `init` has written. Claude Code runs both:
 * then the project's own answers, so that an agent reads its brief once.
 */
export async function isLeftToSettings(
  name: string,
  { hook_event_name }: Payload,
  context: Pick<CommandContext, "environment" | "machine" | "project" | "script">,
): Promise<boolean> {
  const { machine } = context;
  const path = (await context.project().catch(() => undefined))?.path;
  // A hook that needs a project says itself that there is none.
  if (path === undefined) return false;
  const isSame = ({ event, handler, matcher }: ConfiguredHook) =>
    hookRunBy(handler) === name &&
    (hook_event_name === undefined || event === hook_event_name) &&
    (matcher === undefined || matcher === "" || matcher === "*" || isOwnMatcher(event, matcher));
  const canStart = ({ handler }: ConfiguredHook) =>
    programPlaces(handlerWords(handler), path, context).some((place) => machine.kindOf(place) === "file");
  return settings
    .flatMap((file) => hooksIn(readConfiguration(join(path, file), { onRead: noteReading })))
    .some((hook) => isSame(hook) && canStart(hook));
}

/** Whether an event has this matcher wherever we write it: then the plugin's hook has the same. */
function isOwnMatcher(event: string, matcher: JsonValue): boolean {
  const known: readonly HookEvent[] = hookEvents;
  return known.some((one) => one.event === event && one.matcher === matcher);
}

/**
 * Where the program of a line may lie: a file that is shared may name a place that is on another's machine only, or on
 * none. What a client runs in the project's folder is named from there; a name without a way is looked for as shells do.
 */
function programPlaces(
  words: readonly string[],
  project: string,
  { environment, script }: Pick<CommandContext, "environment" | "script">,
): string[] {
  const [command = "", ...args] = words;
  const named = args[wordsUpToProgram(command, args) - 1];
  const program = (named ?? command).replace(
    /^\$(?:CLAUDE_PROJECT_DIR\b|\{CLAUDE_PROJECT_DIR(?::[-?][^}]*)?\})/,
    project,
  );
  if (/[\\/]/.test(program)) return [resolve(project, program)];
  // A package that npx keeps or fetches has no place that we know: it counts as there.
  if (named !== undefined) return [script];
  return (environment.PATH ?? "").split(delimiter).flatMap((folder) => {
    const inFolder = resolve(project, folder, program);
    return folder === "" ? [] : [inFolder, `${inFolder}.cmd`];
  });
}
