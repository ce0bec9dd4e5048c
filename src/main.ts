#!/usr/bin/env node
import { isatty } from "node:tty";
import manifest from "../package.json" with { type: "json" };
import { run } from "./cli/run.ts";
import { KaizenError } from "./errors.ts";
import { stderrLog } from "./log.ts";
import { thisMachine } from "./machine.ts";
import { openKaizen } from "./open-kaizen.ts";
import { findProjectRoot } from "./project-root.ts";

// The process boundary: the only place that decides where arguments, time and files come from, and that exits.

const log = stderrLog();
const script = process.argv[1] ?? ".";
const { version } = manifest;
let isReaderGone = false;

// Whoever reads no stderr must not end us. What goes wrong on stdout is told to whoever writes there.
process.stderr.on("error", () => {});
process.stdout.on("error", () => {});

process.exit(
  await run({
    args: process.argv.slice(2),
    environment: process.env,
    machine: thisMachine,
    version,
    script,
    stdin: { isTerminal: isatty(0), read: readStdin },
    stdout: {
      isTerminal: isatty(1),
      columns: process.stdout.columns,
      write: writeOut,
      isGone: () => isReaderGone,
    },
    stderr: {
      isTerminal: isatty(2),
      columns: process.stderr.columns,
      write: (text) => void process.stderr.write(text),
    },
    log,
    now: Date.now,
    findProject: (settings) => findProjectRoot(settings.root, thisMachine, async () => []),
    openKaizen: (project, settings) =>
      openKaizen({
        projectRoot: project.path,
        retentionDays: settings.retentionDays.value,
        onNotice: (message) => log.info(message),
      }),
    async serve(settings) {
      const { serveStdio } = await import("./serve-stdio.ts");
      return serveStdio({ settings, log, version, script });
    },
  }),
);

/** Resolves once nothing is left to be written. A reader such as `head` that has seen enough has got what it wanted. */
function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      const code = error && "code" in error ? String(error.code) : undefined;
      if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") isReaderGone = true;
      if (!error || isReaderGone) resolve();
      else reject(new KaizenError("IO_ERROR", `Writing to stdout failed (${code ?? error.message}).`));
    });
  });
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
