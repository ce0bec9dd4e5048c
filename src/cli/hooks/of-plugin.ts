import { join } from "node:path";
import type { CommandContext } from "../frame/define-command.ts";

/** Whether the program lies in the plugin: in its dist, beside the folder that makes it one. */
export function isOfPlugin({ machine, script }: Pick<CommandContext, "machine" | "script">): boolean {
  const manifest = join(machine.realPath(script), "..", "..", ".claude-plugin", "plugin.json");
  return machine.kindOf(manifest) === "file";
}

/**
 * Whether Claude Code has started the hook: of its settings alone we know what they say of reports. What reads the settings
 * is loaded for it alone. Gemini CLI sets the variable of Claude Code beside its own.
 */
export function isOfClaudeCode({ environment }: Pick<CommandContext, "environment">): boolean {
  return environment.CLAUDE_PROJECT_DIR !== undefined && environment.GEMINI_PROJECT_DIR === undefined;
}
