import { isatty } from "node:tty";
import { readServeLine } from "./cli/frame/serve-line.ts";
import type { Settings } from "./config.ts";
import { stderrLog } from "./log.ts";
import { type Program, readBeside, stderr } from "./program-parts.ts";

// The program, but for what clients run while a person is at work: see program-of-clients.ts. What is only needed for a
// client, for a command or for a store is loaded there: whatever a process does, it starts sooner without the rest.

/** Serves a client or does what was typed, and gives the exit status. */
export async function startProgram(program: Program): Promise<number> {
  const settings = readServeLine(process.argv.slice(2), process.env, isatty(0));
  if (settings !== undefined) return serve(settings, program);
  const [{ runCommandLine }, { commandsFor }] = await Promise.all([
    import("./command-line.ts"),
    import("./cli/commands/index.ts"),
  ]);
  return runCommandLine(program, {
    commandsFor,
    openStore: () => import("./open-kaizen.ts"),
    serve: (settings) => serve(settings, program),
  });
}

async function serve(settings: Settings, { folder, version }: Program): Promise<number> {
  // What goes wrong on stdout is told where it is written to.
  process.stdout.on("error", () => {});
  const errors = stderr();
  const { serveStdio } = await import("./serve-stdio.ts");
  return serveStdio({
    version,
    script: process.argv[1] ?? ".",
    settings,
    log: stderrLog(() => errors),
    readBeside: (name) => readBeside(name, folder),
  });
}
