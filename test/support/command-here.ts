import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { commandsFor } from "../../src/cli/commands/index.ts";
import { type RunOptions as RunProgram, run, terminalWriter } from "../../src/cli/run.ts";
import { createLog, noticesTo } from "../../src/log.ts";
import { thisMachine } from "../../src/machine.ts";
import { openProject, openStoreTrust, openTrust } from "../../src/open-kaizen.ts";
import { findProjectRoot } from "../../src/project-root.ts";
import { chooseStore } from "../../src/team/choice.ts";
import type { Ran, RunOptions } from "./command.ts";
import { cleanEnvironment } from "./environment.ts";
import { asInOwnProcess } from "./process-life.ts";
import { withoutProgress } from "./progress-lines.ts";
import { bundle, checkout } from "./server-process.ts";

let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in the process of the test, on the real files, as `main.ts` runs it: a hundredth of the time that a
 * process takes. For what a command does; how the program starts, reads, writes and ends is shown by `runCommand`, and
 * by the pages' terminals, in which every command is typed. Of several that are under way each waits for its turn.
 */
export function runCommandHere(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = turn.then(() => inEnvironment(options, () => performed(args, options)));
  turn = ran.catch(() => {});
  return ran;
}

/** The working directory and the environment belong to the process, so they are put back. */
async function inEnvironment(options: RunOptions, work: () => Promise<Ran>): Promise<Ran> {
  const [folder, environment, flags] = [process.cwd(), { ...process.env }, process.execArgv];
  try {
    process.chdir(options.cwd ?? checkout);
    // What a command starts, it starts with its own flags, and not with those of a test.
    process.execArgv = [];
    setEnvironment(cleanEnvironment(options.env));
    return await work();
  } finally {
    process.execArgv = flags;
    setEnvironment(environment);
    process.chdir(folder);
  }
}

function setEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of new Set([...Object.keys(process.env), ...Object.keys(environment)])) {
    const value = environment[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

async function performed(args: readonly string[], { columns, root, stdin = "", typed }: RunOptions): Promise<Ran> {
  const ran = { stdout: "", stderr: "" };
  const writeError = (text: string) => {
    ran.stderr += text;
  };
  const isTerminal = columns !== undefined;
  const log = createLog(isTerminal ? await terminalWriter({ columns, write: writeError }) : writeError);
  const options: RunProgram = {
    args: root === undefined ? args : [...args, "--root", root],
    commandsFor,
    environment: { ...process.env },
    machine: thisMachine,
    version: manifest.version,
    script: bundle,
    stdin: {
      isTerminal: typed !== undefined,
      async *chunks() {
        if ((typed ?? stdin) !== "") yield Buffer.from(typed ?? stdin);
      },
    },
    stdout: {
      isTerminal,
      columns,
      async write(text) {
        ran.stdout += text;
      },
    },
    stderr: { isTerminal, columns, write: writeError },
    log,
    now: Date.now,
    random: Math.random,
    readBeside: (name) => readFile(join(dirname(bundle), name), "utf8"),
    findProject: (settings) => findProjectRoot(settings.root, thisMachine, async () => []),
    openKaizen: (project, settings, onRead, other) =>
      openProject({
        projectRoot: project.path,
        store: settings.store,
        retentionDays: settings.retentionDays.value,
        onNotice: noticesTo(log),
        hurry: onRead && { onRead },
        other,
      }),
    openTrust: (project) => openTrust(project.path),
    openStoreTrust: (project) => openStoreTrust(project.path),
    chooseStore: (project, settings) => chooseStore(project.path, settings.store),
    serve: () => Promise.reject(new Error("a server needs a process of its own")),
  };
  const status = await asInOwnProcess(() => run(options));
  return { ...ran, stderr: withoutProgress(ran.stderr), status };
}
