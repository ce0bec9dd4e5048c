#!/usr/bin/env node
import { readFile } from "node:fs/promises";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };
import { readServeLine } from "./cli/frame/serve-line.ts";
import type { Settings } from "./config.ts";
import { KaizenError } from "./errors.ts";
import { noticesTo, stderrLog } from "./log.ts";

// The process boundary: the only place that decides where arguments, time and files come from, and that exits. What is
// only needed for a client, or only for a command, is loaded there: both start by a hundredth of a second or two sooner.

const args = process.argv.slice(2);
const log = stderrLog();
const program = { version: manifest.version, script: process.argv[1] ?? "." };
const isInteractive = isatty(0);
let isReaderGone = false;

// Whoever reads no stderr must not end us. What goes wrong on stdout is told to whoever writes there.
process.stderr.on("error", () => {});
process.stdout.on("error", () => {});

const serveSettings = readServeLine(args, process.env, isInteractive);
process.exit(serveSettings === undefined ? await runCommandLine() : await serve(serveSettings));

async function serve(settings: Settings): Promise<number> {
  const { serveStdio } = await import("./serve-stdio.ts");
  return serveStdio({ ...program, settings, log });
}

async function runCommandLine(): Promise<number> {
  const { run } = await import("./cli/run.ts");
  const { thisMachine: machine } = await import("./machine.ts");
  const { openKaizen, openTrust } = await import("./open-kaizen.ts");
  const { findProjectRoot } = await import("./project-root.ts");
  return run({
    ...program,
    args,
    environment: process.env,
    machine,
    stdin: { isTerminal: isInteractive, chunks: () => process.stdin },
    stdout: { isTerminal: isatty(1), columns: process.stdout.columns, write: writeOut, isGone: () => isReaderGone },
    stderr: {
      isTerminal: isatty(2),
      columns: process.stderr.columns,
      write: (text) => void process.stderr.write(text),
    },
    log,
    now: Date.now,
    random: Math.random,
    readPage,
    findProject: (settings) => findProjectRoot(settings.root, machine, async () => []),
    openKaizen: (project, settings, onRead) =>
      openKaizen({
        projectRoot: project.path,
        retentionDays: settings.retentionDays.value,
        onNotice: noticesTo(log),
        hurry: onRead && { onRead },
      }),
    openTrust: (project) => openTrust(project.path, process.env),
    serve,
  });
}

/** The manual lies beside the program, and is no part of it: every hook would load it. */
async function readPage(topic: string): Promise<string> {
  const page = new URL(`manual/${topic}.md`, import.meta.url);
  return readFile(page, "utf8").catch((error: unknown) => {
    const problem = `The manual cannot be read: ${fileURLToPath(page)} (${codeOf(error) ?? error}).`;
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
