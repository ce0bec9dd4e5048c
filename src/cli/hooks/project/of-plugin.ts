import { join } from "node:path";
import type { CommandContext } from "../../frame/define-command.ts";

/** Whether the program lies in the plugin: in its dist, beside the folder that makes it one. */
export function isOfPlugin({ machine, script }: Pick<CommandContext, "machine" | "script">): boolean {
  const manifest = join(machine.realPath(script), "..", "..", ".claude-plugin", "plugin.json");
  return machine.kindOf(manifest) === "file";
}
