import { isAbsolute, join } from "node:path";
import { handlerWords, hookRunBy } from "../clients/hook-command.ts";
import { programIndex } from "../clients/launch.ts";
import type { CommandContext } from "../define-command.ts";
import { type ConfiguredHook, hooksIn, readConfiguration } from "./configuration.ts";
import type { Payload } from "./payload.ts";

const settings = [".claude/settings.json", ".claude/settings.local.json"];

/**
 * Whether this is the plugin's hook in a project where `init` has written the same one. Claude Code runs both: then the
 * project's own answers, so that an agent reads its brief once.
 */
export async function isLeftToSettings(
  name: string,
  { hook_event_name }: Payload,
  context: Pick<CommandContext, "machine" | "project" | "script">,
): Promise<boolean> {
  const { machine, script } = context;
  // The program's place in the plugin: dist/main.js, beside the folder that makes it one.
  const manifest = join(machine.realPath(script), "..", "..", ".claude-plugin", "plugin.json");
  if (machine.kindOf(manifest) !== "file") return false;
  const path = (await context.project().catch(() => undefined))?.path;
  // Whoever needs a project says that there is none.
  if (path === undefined) return false;
  const isSame = ({ event, handler, matcher }: ConfiguredHook) =>
    hookRunBy(handler) === name &&
    (hook_event_name === undefined || event === hook_event_name) &&
    (matcher === undefined || matcher === "" || matcher === "*");
  /** A file that is shared may name a place that is on another's machine only. */
  const canStart = ({ handler }: ConfiguredHook) => {
    const words = handlerWords(handler);
    const program = words[programIndex(words)]?.replace(/^\$\{CLAUDE_PROJECT_DIR\}/, path) ?? "";
    return !isAbsolute(program) || machine.kindOf(program) === "file";
  };
  return settings
    .flatMap((file) => hooksIn(readConfiguration(join(path, file))))
    .some((hook) => isSame(hook) && canStart(hook));
}
