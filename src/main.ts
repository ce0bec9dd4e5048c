#!/usr/bin/env node
import { Console } from "node:console";
import { realpathSync } from "node:fs";
import manifest from "../package.json" with { type: "json" };
import { type Command, helpText, readCommandLine, type Settings } from "./config.ts";
import { KaizenError } from "./errors.ts";
import type { Kaizen } from "./kaizen.ts";
import { type Log, stderrLog } from "./log.ts";
import { thisMachine } from "./machine.ts";
import { serve } from "./mcp/serve.ts";
import { createServer } from "./mcp/server.ts";
import { terminalGreeting } from "./mcp/terminal-greeting.ts";
import { openKaizen } from "./open-kaizen.ts";
import { findProjectRoot, type ProjectRoot } from "./project-root.ts";

// The process boundary: the only place that decides where arguments, time and files come from, and that exits.

async function main(): Promise<number> {
  const log = stderrLog();
  let command: Command;
  try {
    command = readCommandLine(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    log.info(`${error.message} ${error.hint}`);
    return 2;
  }
  if (command.kind === "serve") return serveClient(command.settings, log);
  process.stdout.write(command.kind === "help" ? helpText : `${manifest.version}\n`);
  return 0;
}

async function serveClient(settings: Settings, log: Log): Promise<number> {
  // Whatever a dependency prints must not break the protocol, and a client that reads no stderr must not end us.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.stderr.on("error", () => {});
  const find = (askClient: () => Promise<readonly string[]>) => findProjectRoot(settings.root, thisMachine, askClient);
  let kaizen: Kaizen | undefined;
  const server = createServer({
    version: manifest.version,
    log,
    async openKaizen(askClient) {
      const root = await find(askClient);
      log.info(`project ${root.path} (${root.rule})${retentionNote(settings)}`);
      kaizen = openKaizen({
        projectRoot: root.path,
        retentionDays: settings.retentionDays.value,
        onNotice: (message) => log.info(message),
      });
      return kaizen;
    },
  });
  if (process.stdin.isTTY) process.stderr.write(await greeting(find));
  return serve({
    server,
    log,
    process,
    input: process.stdin,
    output: process.stdout,
    closeStore: async () => kaizen?.close(),
  });
}

async function greeting(find: (askClient: () => Promise<readonly string[]>) => Promise<ProjectRoot>): Promise<string> {
  const project = await find(async () => []).catch((error: unknown) => {
    if (error instanceof KaizenError) return { problem: `${error.message} ${error.hint}` };
    throw error;
  });
  return terminalGreeting({ version: manifest.version, script: realpathSync(process.argv[1] ?? "."), project });
}

function retentionNote({ retentionDays: { value, source } }: Settings): string {
  if (source === "default") return "";
  return `, runs kept ${value === null ? "for ever" : `${value} days`} (${source})`;
}

process.exit(await main());
