#!/usr/bin/env node
import { writeSync } from "node:fs";
import manifest from "../package.json" with { type: "json" };
import { keepCompiledCode } from "./compile-cache.ts";
import type { Program } from "./program-parts.ts";

// The door. It is small, since Node compiles all of it at every start, before it knows of a cache of what was compiled;
// the rest is in files that are loaded where they are needed.

const { version } = manifest;

if (!asksForVersion() || !isPrinted(`${version}\n`)) void run();

async function run(): Promise<void> {
  keepCompiledCode();
  process.exit(await statusOf({ version, folder: new URL(".", import.meta.url) }, process.argv[2]));
}

async function statusOf(program: Program, word: string | undefined): Promise<number> {
  if (word === "hook" || word === "statusline") return (await import("./program-of-clients.ts")).startProgram(program);
  // A client's line has no command, or this one. What it asks for beside, that part finds out.
  const isOfServer = word === undefined || word === "serve" || word.startsWith("--");
  const served = isOfServer ? await (await import("./program-of-server.ts")).serveIfAsked(program) : undefined;
  return served ?? (await import("./program.ts")).startProgram(program);
}

function asksForVersion(): boolean {
  const [flag, ...others] = process.argv.slice(2);
  return (flag === "--version" || flag === "-v") && others.length === 0;
}

/** Without a stream, which takes longer to load than all else. What goes wrong here is told by the rest of the program. */
function isPrinted(line: string): boolean {
  try {
    return writeSync(1, line) === line.length;
  } catch {
    return false;
  }
}
