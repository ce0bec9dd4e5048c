import type { CommandContext } from "../frame/define-command.ts";

/** Reads one line of an answer. Whatever is no yes is a no, also that nothing comes. */
export async function saysYes(stdin: CommandContext["stdin"]): Promise<boolean> {
  let line = "";
  for await (const chunk of stdin.chunks()) {
    line += chunk.toString("utf8");
    if (line.includes("\n") || line.length > 100) break;
  }
  return /^\s*y(?:es)?\s*(?:\n|$)/i.test(line);
}
