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

if (!asksForVersion() || !isPrinted(`${version}\n`)) void run();

async function run(): Promise<void> {
  const folder = new URL(".", import.meta.url);
  process.exit(await statusOf({ version, folder }, process.argv[2]));
}

async function statusOf(program: Program, word: string | undefined): Promise<number> {
  const isOfClient = word === "hook" || word === "statusline";
  // A client's line has no command, or this one. What it asks for beside, that part finds out.
  const isOfServer = word === undefined || word === "serve" || word.startsWith("--");
  const command = isOfServer
    ? "serve"
    : process.argv
        .slice(2, word === "hook" ? 4 : 3)
        .join(" ")
        .slice(0, 40);
  const chunks = fileURLToPath(new URL("chunks/", program.folder));
  const loader = new CodeLoader(chunks, codeCacheOf(process.env, process.platform), command);
  const part = <Name extends keyof Parts>(name: Name) => loader.load(`${name}.cjs`) as Parts[Name];
  if (isOfClient) return part("program-of-clients").startProgram(program);
  const served = isOfServer ? await part("program-of-server").serveIfAsked(program) : undefined;
  return served ?? part("program").startProgram(program);
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
