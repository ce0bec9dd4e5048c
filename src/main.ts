#!/usr/bin/env node
import { writeSync } from "node:fs";
import manifest from "../package.json" with { type: "json" };
import { keepCompiledCode } from "./compile-cache.ts";
import type { Program } from "./program-parts.ts";

// The door. It is small, since Node compiles all of it at every start, before it knows of a cache of what was compiled;
// the rest is in files that are loaded where they are needed.

const { version } = manifest;

if (!asksForVersion() || !isWritten(1, `${version}\n`)) void run();

async function run(): Promise<void> {
  keepCompiledCode();
  const word = process.argv[2];
  process.exit(
    await statusOf({ version, folder: new URL(".", import.meta.url) }, word).catch((error) => notLoaded(error, word)),
  );
}

async function statusOf(program: Program, word: string | undefined): Promise<number> {
  if (isOfClients(word)) return (await import("./program-of-clients.ts")).startProgram(program);
  // A client's line has no command, or this one. What it asks for beside, that part finds out.
  const isOfServer = word === undefined || word === "serve" || word.startsWith("--");
  const served = isOfServer ? await (await import("./program-of-server.ts")).serveIfAsked(program) : undefined;
  return served ?? (await import("./program.ts")).startProgram(program);
}

function isOfClients(word: string | undefined): boolean {
  return word === "hook" || word === "statusline";
}

/** A part is missing while another version is being installed, or no file may be opened any more. No hook fails for it. */
function notLoaded(error: unknown, word: string | undefined): number {
  const isOfSystem = error instanceof Error && "code" in error;
  if (!isOfSystem && !isOfClients(word)) throw error;
  const [reason] = String(error instanceof Error ? error.message : error).split("\n");
  isWritten(
    2,
    `kaizen-metrics: A part of the program could not be loaded (${reason}). Try again, or install it again.\n`,
  );
  return isOfClients(word) ? 0 : 1;
}

function asksForVersion(): boolean {
  const [flag, ...others] = process.argv.slice(2);
  return (flag === "--version" || flag === "-v") && others.length === 0;
}

/** Without a stream, which takes longer to load than all else. What goes wrong here is told by the rest of the program. */
function isWritten(fd: 1 | 2, line: string): boolean {
  try {
    return writeSync(fd, line) === line.length;
  } catch {
    return false;
  }
}
