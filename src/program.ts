import { commandsFor } from "./cli/commands/index.ts";
import { runCommandLine } from "./command-line.ts";
import type { Program } from "./program-parts.ts";

// The program, but for what clients run while a person is at work (program-of-clients.ts) and for the server that they
// start (program-of-server.ts). What is only needed for a command or for a store is loaded there: whatever a process
// does, it starts sooner without the rest.

/** Does what was typed, and gives the exit status. */
export function startProgram(program: Program): Promise<number> {
  return runCommandLine(program, {
    commandsFor,
    openStore: () => import("./open-kaizen.ts"),
    serve: async (settings) => (await import("./program-of-server.ts")).serve(settings, program),
  });
}
