import { basename, dirname } from "node:path";
import { CODE_MS } from "../../dashboard/access.ts";
import { openBrowser, openerFor, RedirectFile, tunnelLine } from "../../dashboard/open-browser.ts";
import type { TeamProjects } from "../../dashboard/projects.ts";
import { DashboardServer } from "../../dashboard/server.ts";
import type { PageFiles } from "../../dashboard/shell.ts";
import type { DashboardSource } from "../../dashboard/source.ts";
import type { CommandContext } from "../frame/define-command.ts";

/** Whatever is still being read then is of no use to a page that has gone. */
const LAST_READS_MS = 300;

export interface Served {
  readonly source: DashboardSource;
  readonly team: TeamProjects | undefined;
  readonly page: PageFiles;
  /** The agent that is shown first. */
  readonly agent: string | undefined;
  readonly port: number;
  readonly allowedHost: string | undefined;
  readonly isOpened: boolean;
}

/** Serves the dashboard until a signal ends it. Its address is the only line on stdout. */
export async function serveDashboard(served: Served, context: CommandContext): Promise<void> {
  const { agent, allowedHost, page, port, source, team } = served;
  const ended = untilSignal();
  const { log, now } = context;
  const server = await DashboardServer.start({ source, team, page, log, now, port, allowedHost });
  let redirect: RedirectFile | undefined;
  try {
    await context.print(`${server.newAddress({ agent })}\n`);
    const opener = served.isOpened ? await openerHere(context) : { reason: "that is what --no-open says" };
    if ("reason" in opener) log.info(howToReach(opener.reason, server.port, context));
    else {
      const file = new RedirectFile(server.newAddress({ agent, onUsed: () => file.remove() }));
      redirect = file;
      setTimeout(() => file.remove(), CODE_MS).unref();
      openBrowser(opener, file.path, opener.environment, (problem) =>
        log.info(`The browser could not be started (${problem}): open the address above within ${CODE_MS / 1000} s.`),
      );
      log.info("The page is opened in your browser; Ctrl-C ends this.");
    }
    if (allowedHost !== undefined) {
      const { hash } = new URL(server.newAddress({ agent }));
      log.info(`As ${allowedHost}, put behind its address within ${CODE_MS / 1000} s: /${hash}`);
    }
    await ended;
  } finally {
    redirect?.remove();
    await server.close();
  }
}

async function openerHere({ environment, project, stdin }: CommandContext) {
  // Loaded as hooks load it: else it would be cut into more files for them.
  const { findProgram, safeEnvironment, searchOf } = await import("../../evidence/git/index.ts");
  const search = searchOf(environment, (await project()).path);
  const opener = openerFor({
    platform: process.platform,
    environment,
    isTerminal: stdin.isTerminal,
    find: (name) => findProgram(name, search),
    isProgram: (path) => findProgram(basename(path), { ...search, path: dirname(path) }) === path,
  });
  return { ...opener, environment: safeEnvironment(environment, search) };
}

function howToReach(reason: string, port: number, { environment }: CommandContext): string {
  return [
    `No browser is opened: ${reason}. Open the address in one of this machine within ${CODE_MS / 1000} s.`,
    `A browser of another machine needs a tunnel first: ${tunnelLine(port, environment)}`,
    "Ctrl-C ends this.",
  ].join("\n");
}

/** A second signal ends the process at once, as it would any. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        setTimeout(() => process.exit(0), LAST_READS_MS).unref();
        resolve();
      });
    }
  });
}
