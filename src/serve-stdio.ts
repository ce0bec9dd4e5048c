import { Console } from "node:console";
import { realpathSync } from "node:fs";
import type { Settings } from "./config.ts";
import { appHtml, pageFiles } from "./dashboard/shell.ts";
import { KaizenError } from "./errors.ts";
import type { Kaizen } from "./kaizen/kaizen.ts";
import { type Log, noticesTo } from "./log.ts";
import { thisMachine } from "./machine.ts";
import { serve } from "./mcp/serve.ts";
import { createServer } from "./mcp/server.ts";
import { terminalGreeting } from "./mcp/stdio/terminal-greeting.ts";
import { findProjectRoot, type ProjectRoot } from "./project-root.ts";

export interface StdioOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly version: string;
  /** The program's own file. */
  readonly script: string;
  /** Reads a file that lies beside the program. */
  readBeside(name: string): Promise<string>;
}

/**
 * Serves one client on this process's stdin and stdout until it goes away, and gives the exit status. Loaded only where
 * there is a client: the SDK takes longer to start than all the rest.
 */
export async function serveStdio({ log, readBeside, script, settings, version }: StdioOptions): Promise<number> {
  // Whatever a dependency prints must not break the protocol.
  globalThis.console = new Console(process.stderr, process.stderr);
  const find = (askClient: () => Promise<readonly string[]>) => findProjectRoot(settings.root, thisMachine, askClient);
  let kaizen: Kaizen | undefined;
  let name = "";
  const { server, endStreams } = createServer({
    version,
    log,
    app: { page: async () => appHtml(await pageFiles(readBeside)), project: () => name },
    async openKaizen(askClient) {
      const root = await find(askClient);
      const { chooseStore, openProject, projectName } = await import("./open-kaizen.ts");
      name = projectName(chooseStore(root.path, settings.store), root.path);
      for (const reason of root.passedOver ?? []) log.info(`passed over: ${reason}`);
      log.info(`project ${root.path} (${root.rule})${retentionNote(settings)}`);
      kaizen = await openProject({
        projectRoot: root.path,
        store: settings.store,
        retentionDays: settings.retentionDays.value,
        onNotice: noticesTo(log),
      });
      return kaizen;
    },
  });
  if (process.stdin.isTTY) process.stderr.write(await greeting(find, { version, script: realpathSync(script) }));
  return serve({
    server,
    endStreams,
    log,
    process,
    input: process.stdin,
    output: process.stdout,
    closeStore: async () => kaizen?.close(),
  });
}

async function greeting(
  find: (askClient: () => Promise<readonly string[]>) => Promise<ProjectRoot>,
  program: { version: string; script: string },
): Promise<string> {
  const project = await find(async () => []).catch((error: unknown) => {
    if (error instanceof KaizenError) return { problem: `${error.message} ${error.hint}` };
    throw error;
  });
  return terminalGreeting({ ...program, project });
}

function retentionNote({ retentionDays: { value, source } }: Settings): string {
  if (source === "default") return "";
  return `, runs kept ${value === null ? "for ever" : `${value} days`} (${source})`;
}
