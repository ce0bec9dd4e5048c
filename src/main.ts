#!/usr/bin/env node
import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import manifest from "../package.json" with { type: "json" };
import { CodeLoader } from "./code-cache/code-loader.ts";
import { codeCacheOf } from "./code-cache/place.ts";
import type { Program } from "./program-parts.ts";

// The door. It is small, since Node compiles all of it at every start, before it knows of a cache of what was compiled;
// the rest is in files that are loaded where they are needed.

/** The bundles behind the door. */
interface Parts {
  readonly program: typeof import("./program.ts");
  readonly "program-of-clients": typeof import("./program-of-clients.ts");
  readonly "program-of-server": typeof import("./program-of-server.ts");
}

const { version } = manifest;

if (!asksForVersion() || !isWritten(1, `${version}\n`)) void run();

async function run(): Promise<void> {
  const folder = new URL(".", import.meta.url);
  const word = process.argv[2];
  process.exit(await statusOf({ version, folder }, word).catch((error) => notLoaded(error, word)));
}

async function statusOf(program: Program, word: string | undefined): Promise<number> {
  // A client's line has no command, or this one. What it asks for beside, that part finds out.
  const isOfServer = word === undefined || word === "serve" || word.startsWith("--");
  const command = isOfServer ? "serve" : process.argv.slice(2, word === "hook" ? 4 : 3).join(" ");
  const chunks = fileURLToPath(new URL("chunks/", program.folder));
  const loader = new CodeLoader(chunks, codeCacheOf(process.env, process.platform), command);
  const part = <Name extends keyof Parts>(name: Name) => loader.load(`${name}.cjs`) as Parts[Name];
  if (isOfClients(word)) return part("program-of-clients").startProgram(program);
  const served = isOfServer ? await part("program-of-server").serveIfAsked(program) : undefined;
  return served ?? part("program").startProgram(program);
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
