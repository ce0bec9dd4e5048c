import { join } from "node:path";
import type { JsonObject, JsonValue } from "../../../domain/text/json.ts";
import { handlerWords, hookRunBy } from "../../clients/entry/hook-command.ts";
import { type HookEvent, hookEvents } from "../../clients/entry/hooks.ts";
import { startedProgram } from "../../clients/entry/program-place.ts";
import { type ConfiguredHook, hooksIn, readConfiguration } from "../../clients/files/configuration.ts";
import type { CommandContext } from "../../frame/define-command.ts";
import { noteReading } from "../limits/watchdog.ts";
import type { HookRun } from "./hook-run.ts";

const ofClaude = [".claude/settings.json", ".claude/settings.local.json"];
const ofGithub = [".github/hooks/kaizen-metrics.json"];

/**
 * Whether another file of the project has the same hook, which the client runs as well for this event: then that one
 * answers, so that an agent reads its brief once.
 */
export async function isLeftToOther(
  name: string,
  run: Pick<HookRun, "isOfPlugin" | "payload"> & {
    readonly context: Pick<CommandContext, "environment" | "machine" | "project" | "script">;
  },
): Promise<boolean> {
  const { context, payload } = run;
  const files = filesBefore(run);
  const path = files.length === 0 ? undefined : (await context.project().catch(() => undefined))?.path;
  // A hook that needs a project says itself that there is none.
  if (path === undefined) return false;
  const isSame = ({ event, handler, matcher }: ConfiguredHook) =>
    hookRunBy(handler) === name &&
    (payload.hook_event_name === undefined || isSameEvent(event, payload.hook_event_name)) &&
    (matcher === undefined || matcher === "" || matcher === "*" || isOwnMatcher(event, matcher));
  const { realPath } = context.machine;
  const canStart = ({ handler }: ConfiguredHook) => {
    const { path: program } = startedProgram(handlerWords(handler), path, context);
    // The plugin has a copy of its own. Two files that init has written start the same program, and only that is known.
    return program !== undefined && (run.isOfPlugin || realPath(program) === realPath(context.script));
  };
  return files
    .flatMap((file) => hooksIn(readConfiguration(join(path, file), { onRead: noteReading })))
    .some((hook) => isSame(hook) && canStart(hook));
}

/**
 * The files that go before the one that this hook stands in. The project's own go before the plugin, and Copilot CLI's
 * before those of Claude Code, which it reads too. VS Code reads those only if a person wants it to.
 */
function filesBefore({ isOfPlugin, payload: { client, sent } }: Pick<HookRun, "isOfPlugin" | "payload">): string[] {
  if (client === "copilot") {
    if (isOfPlugin) return [...ofGithub, ...ofClaude];
    return isInCopilotsForm(sent) ? [] : ofGithub;
  }
  if (!isOfPlugin) return [];
  return client === "vscode" ? ofGithub : client === "cursor" ? [".cursor/hooks.json"] : ofClaude;
}

/** Whether Copilot CLI has sent it for a file of its own: for one of Claude Code it writes the ids in Claude Code's way. */
function isInCopilotsForm({ agent_id, agentId, sessionId }: JsonObject): boolean {
  return agentId !== undefined || (sessionId !== undefined && agent_id === undefined);
}

/** Copilot CLI has its own way to write Claude Code's events. */
function isSameEvent(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether an event has this matcher wherever we write it: then the plugin's hook has the same. */
function isOwnMatcher(event: string, matcher: JsonValue): boolean {
  const known: readonly HookEvent[] = hookEvents;
  return known.some((one) => one.event === event && one.matcher === matcher);
}
