import { constants } from "node:os";
import type { Log } from "../log.ts";
import type { KaizenServer } from "./server.ts";
import { type StdioStreams, StdioTransport } from "./stdio/stdio.ts";

/**
 * What is in flight gets this long at the end: longer than a team's store that does not answer is waited for, so that a
 * call of that is told of. A client that wants us gone sooner kills us.
 */
const DRAIN_LIMIT_MS = 12_000;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface ServeOptions extends StdioStreams, KaizenServer {
  readonly log: Log;
  /** Where signals and faults arrive: the process. */
  readonly process: NodeJS.EventEmitter;
  /** Waits for what the store is writing. */
  closeStore(): Promise<void>;
  readonly drainLimitMs?: number;
}

/**
 * Serves one client until it goes away, and gives the exit status: 0 when it has gone, 128 + n after signal n, 1 after
 * a fault. Every end is the same end: requests in flight are answered, the store is closed, each within a limit.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { server, endStreams, log, process, input, output, closeStore, drainLimitMs = DRAIN_LIMIT_MS } = options;
  const transport = new StdioTransport({ input, output });
  const ended = new Promise<number>((resolve) => {
    let closing = false;
    const close = async (reason: string, status: number) => {
      if (closing) return;
      closing = true;
      log.info(`closing: ${reason}`);
      const drained = await withinLimit(drainLimitMs, async () => {
        endStreams();
        await transport.idle();
        await closeStore().catch((error: unknown) => log.error("the store could not be closed", error));
      });
      if (!drained) log.error(`gave up waiting for what was in flight after ${drainLimitMs / 1000} s`);
      resolve(status);
    };

    transport.oninputend = (problem) =>
      void close(problem ?? "the client has closed our input", problem === undefined ? 0 : 1);
    transport.onpause = () => log.info("the client sends faster than it reads our answers: its requests wait");
    output.on("error", (error) => {
      const gone = "code" in error && error.code === "EPIPE";
      void close(gone ? "the client has closed our output" : `writing failed: ${error.message}`, gone ? 0 : 1);
    });
    for (const signal of signals) {
      process.on(signal, () => {
        const status = 128 + constants.signals[signal];
        // A second signal ends the process at once: its sender does not want to wait.
        if (closing) resolve(status);
        else void close(signal, status);
      });
    }
    process.on("uncaughtException", (error: unknown) => {
      log.error("an error that was not caught", error);
      void close("an error that was not caught", 1);
    });
    // A promise that no caller awaits leaves no state half-way, and clients do not restart a server that died.
    process.on("unhandledRejection", (reason: unknown) => log.error("a rejection that was not handled", reason));
  });
  await server.connect(transport);
  const status = await ended;
  await server.close();
  return status;
}

/** Whether the work was done in time. It does not fail. */
async function withinLimit(limitMs: number, work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const result = await Promise.race([work().then(() => true), limit]);
  clearTimeout(timer);
  return result;
}
