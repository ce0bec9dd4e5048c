#!/usr/bin/env node
import { writeSync } from "node:fs";
import manifest from "../package.json" with { type: "json" };
import { keepCompiledCode } from "./compile-cache.ts";

// The door. It is small, since Node compiles all of it at every start, before it knows of a cache of what was compiled;
// the rest is in files that are loaded where they are needed.

const { version } = manifest;

if (!asksForVersion() || !isPrinted(`${version}\n`)) {
  keepCompiledCode();
  const { startProgram } = await (isOfClients() ? import("./program-of-clients.ts") : import("./program.ts"));
  process.exit(await startProgram({ version, folder: new URL(".", import.meta.url) }));
}

function asksForVersion(): boolean {
  const [flag, ...others] = process.argv.slice(2);
  return (flag === "--version" || flag === "-v") && others.length === 0;
}

/** What clients run while a person is at work. */
function isOfClients(): boolean {
  return ["hook", "statusline"].includes(process.argv[2] ?? "");
}

/** Without a stream, which takes longer to load than all else. What goes wrong here is told by the rest of the program. */
function isPrinted(line: string): boolean {
  try {
    return writeSync(1, line) === line.length;
  } catch {
    return false;
  }
}
