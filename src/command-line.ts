import { isatty } from "node:tty";
import { type RunOptions, run, terminalWriter } from "./cli/run.ts";
import type { Settings } from "./config.ts";
import { errorCodeOf, KaizenError } from "./errors.ts";
import { createLog, noticesTo, stderrLog } from "./log.ts";
import { thisMachine } from "./machine.ts";
import { type Program, readBeside, stderr } from "./program-parts.ts";
import { findProjectRoot } from "./project-root.ts";

/** What of a program is in other files. */
export interface Doors {
  readonly commandsFor: RunOptions["commandsFor"];
  openStore(): Promise<typeof import("./open-kaizen.ts")>;
  serve(settings: Settings): Promise<number>;
}

let isReaderGone = false;

/** Does what was typed with this process's streams, clock and files, and gives the exit status. */
export async function runCommandLine(program: Program, { commandsFor, openStore, serve }: Doors): Promise<number> {
  process.stdout.on("error", () => {});
  const log = isatty(2) ? createLog(await terminalWriter(stderr())) : stderrLog(stderr);
  return run({
    version: program.version,
    script: process.argv[1] ?? ".",
    args: process.argv.slice(2),
    commandsFor,
    environment: process.env,
    machine: thisMachine,
    stdin: {
      isTerminal: isatty(0),
      chunks: () => process.stdin,
      setRaw: (isRaw) => void process.stdin.setRawMode?.(isRaw),
    },
    stdout: { isTerminal: isatty(1), columns: process.stdout.columns, write: writeOut, isGone: () => isReaderGone },
    stderr: {
      isTerminal: isatty(2),
      columns: isatty(2) ? stderr().columns : undefined,
      write: (text) => void stderr().write(text),
    },
    log,
    now: Date.now,
    random: Math.random,
    readBeside: (name) => readBeside(name, program.folder),
    findProject: (settings) => findProjectRoot(settings.root, thisMachine, async () => []),
    openKaizen: async (project, settings, onRead, other) => {
      const { openProject } = await openStore();
      return openProject({
        projectRoot: project.path,
        store: settings.store,
        retentionDays: settings.retentionDays.value,
        onNotice: noticesTo(log),
        hurry: onRead && { onRead },
        other,
      });
    },
    openTrust: async (project) => (await openStore()).openTrust(project.path, process.env),
    openStoreTrust: async (project) => (await openStore()).openStoreTrust(project.path, process.env),
    chooseStore: async (project, settings) => (await openStore()).chooseStore(project.path, settings.store),
    serve,
  });
}

/** Resolves once nothing is left to be written. A reader such as `head` that has seen enough has got what it wanted. */
function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      const code = errorCodeOf(error);
      if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") isReaderGone = true;
      if (!error || isReaderGone) resolve();
      else reject(new KaizenError("IO_ERROR", `Writing to stdout failed (${code ?? error.message}).`));
    });
  });
}
