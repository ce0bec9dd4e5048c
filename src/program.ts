import { readFile } from "node:fs/promises";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import { readServeLine } from "./cli/frame/serve-line.ts";
import type { Settings } from "./config.ts";
import { KaizenError } from "./errors.ts";
import { createLog, noticesTo, stderrLog } from "./log.ts";
import { thisMachine } from "./machine.ts";
import { findProjectRoot } from "./project-root.ts";

// The process boundary: the only place that decides where arguments, time and files come from. What is only needed for
// a client, for a command or for a store is loaded there: whatever a process does, it starts sooner without the rest.

export interface Program {
  readonly version: string;
  /** The folder in which the program's own file lies, as a URL. */
  readonly folder: URL;
}

const log = stderrLog();
const script = process.argv[1] ?? ".";
let isReaderGone = false;

/** Serves a client or does what was typed, and gives the exit status. */
export function startProgram(program: Program): Promise<number> {
  // A client that reads no stderr must not end us. What goes wrong on stdout is told where it is written to.
  process.stderr.on("error", () => {});
  process.stdout.on("error", () => {});
  const args = process.argv.slice(2);
  const isInteractive = isatty(0);
  const settings = readServeLine(args, process.env, isInteractive);
  return settings === undefined ? runCommandLine(args, isInteractive, program) : serve(settings, program);
}

async function serve(settings: Settings, { folder, version }: Program): Promise<number> {
  const { serveStdio } = await import("./serve-stdio.ts");
  return serveStdio({ version, script, settings, log, readBeside: (name) => readBeside(name, folder) });
}

async function runCommandLine(args: readonly string[], isInteractive: boolean, program: Program): Promise<number> {
  const { run, terminalWriter } = await import("./cli/run.ts");
  const told = isatty(2) ? createLog(await terminalWriter(process.stderr)) : log;
  return run({
    version: program.version,
    script,
    args,
    environment: process.env,
    machine: thisMachine,
    stdin: {
      isTerminal: isInteractive,
      chunks: () => process.stdin,
      setRaw: (isRaw) => void process.stdin.setRawMode?.(isRaw),
    },
    stdout: { isTerminal: isatty(1), columns: process.stdout.columns, write: writeOut, isGone: () => isReaderGone },
    stderr: {
      isTerminal: isatty(2),
      columns: process.stderr.columns,
      write: (text) => void process.stderr.write(text),
    },
    log: told,
    now: Date.now,
    random: Math.random,
    readBeside: (name) => readBeside(name, program.folder),
    findProject: (settings) => findProjectRoot(settings.root, thisMachine, async () => []),
    openKaizen: async (project, settings, onRead) => {
      const { openProject } = await import("./open-kaizen.ts");
      return openProject({
        projectRoot: project.path,
        store: settings.store,
        retentionDays: settings.retentionDays.value,
        onNotice: noticesTo(told),
        hurry: onRead && { onRead },
      });
    },
    openTrust: async (project) => (await import("./open-kaizen.ts")).openTrust(project.path, process.env),
    openStoreTrust: async (project) => (await import("./open-kaizen.ts")).openStoreTrust(project.path, process.env),
    chooseStore: async (project, settings) =>
      (await import("./open-kaizen.ts")).chooseStore(project.path, settings.store),
    serve: (settings) => serve(settings, program),
  });
}

/** The manual and the dashboard's page lie beside the program, and are no part of it: every hook would load them. */
async function readBeside(name: string, folder: URL): Promise<string> {
  const file = new URL(name, folder);
  return readFile(file, "utf8").catch((error: unknown) => {
    const problem = `A file of the program cannot be read: ${fileURLToPath(file)} (${codeOf(error) ?? error}).`;
    throw new KaizenError("IO_ERROR", problem, { hint: "It comes with the package: install it again." });
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** Resolves once nothing is left to be written. A reader such as `head` that has seen enough has got what it wanted. */
function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      const code = codeOf(error);
      if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") isReaderGone = true;
      if (!error || isReaderGone) resolve();
      else reject(new KaizenError("IO_ERROR", `Writing to stdout failed (${code ?? error.message}).`));
    });
  });
}
