import { hook, statusline } from "./cli/commands/hooks.ts";
import { meantName } from "./cli/frame/aliases.ts";
import { runCommandLine } from "./command-line.ts";
import type { Program } from "./program-parts.ts";

// What clients run while a person is at work, as a bundle of its own: it has nothing that other commands need, and is a
// few files in the place of forty. Node takes longer to find a file than to compile it.

const commands = [hook, statusline];

export function startProgram(program: Program): Promise<number> {
  return runCommandLine(program, {
    commandsFor: async ([first = ""]) => commands.filter(({ name }) => name === meantName(first)),
    openStore: () => import("./open-kaizen.ts"),
    serve: () => Promise.reject(new Error("a line that begins with a client's command has started a server")),
  });
}
