import { isatty } from "node:tty";
import { readServeLine } from "./cli/frame/serve-line.ts";
import type { Settings } from "./config.ts";
import { stderrLog } from "./log.ts";
import { type Program, readBeside, stderr } from "./program-parts.ts";
import { serveStdio } from "./serve-stdio.ts";

// What a client starts and then waits for, as a bundle of its own: the server is two files in the place of thirty-five.
// Node takes longer to find a file than to compile it.

/** Serves a client, and gives the exit status: `undefined` at once for a line that asks for anything else. */
export async function serveIfAsked(program: Program): Promise<number | undefined> {
  const settings = readServeLine(process.argv.slice(2), process.env, isatty(0));
  return settings && serve(settings, program);
}

export function serve(settings: Settings, { folder, version }: Program): Promise<number> {
  // What goes wrong on stdout is told where it is written to.
  process.stdout.on("error", () => {});
  const errors = stderr();
  return serveStdio({
    version,
    script: process.argv[1] ?? ".",
    settings,
    log: stderrLog(() => errors),
    readBeside: (name) => readBeside(name, folder),
  });
}
