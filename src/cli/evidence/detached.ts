import { spawn } from "node:child_process";
import type { CommandContext } from "../frame/define-command.ts";

/**
 * Starts this program once more, and leaves it to itself: a client ends what its hooks have started when it ends itself
 * (seen with Claude Code 2.1.332 without a terminal, also of a hook that it does not wait for). `input` goes to its stdin.
 */
export function startDetached(
  args: readonly string[],
  {
    environment,
    retentionDays,
    root,
    script,
  }: Pick<CommandContext, "environment" | "retentionDays" | "root" | "script">,
  input = "",
): void {
  const named = [
    ...(root === undefined ? [] : ["--root", root]),
    ...(retentionDays === undefined ? [] : ["--retention-days", retentionDays]),
  ];
  const child = spawn(process.execPath, [...process.execArgv, script, ...args, ...named], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: environment,
    windowsHide: true,
  });
  // What cannot be started is left out: a hook fails for nothing.
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  child.unref();
}
