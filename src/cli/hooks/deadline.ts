import type { Log } from "../../log.ts";

/** Counted from the start of the process. A client waits for its hooks, and takes a second for long. */
export const LIMIT_MS = 800;
/** What is left for the work at least, where the machine is so busy that the program has only just been loaded. */
const LEAST_MS = 300;

/**
 * Ends the process in time, with the status that means nothing to the client, whatever it still waits for (input that
 * nobody closes, a lock that another process keeps, a log that has to be read again) and whatever goes wrong. What was
 * begun under a lock is finished by whoever takes it next.
 */
export function endInTime(doing: string, limitMs: number, log: Log): void {
  // `performance.now()` begins with the process.
  const left = Math.max(LEAST_MS, limitMs - performance.now());
  setTimeout(() => {
    log.info(`${doing} was given up: it would have taken longer than ${limitMs / 1000} s.`);
    process.exit(0);
  }, left);
  process.on("uncaughtException", (error) => {
    log.error(`${doing} has failed.`, error);
    process.exit(0);
  });
}

/** Waits for work, but for no longer than so many ms. It goes on then, and whoever awaits it hears how it ends. */
export async function waitAWhile(work: Promise<unknown>, atMostMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, atMostMs);
  });
  await Promise.race([work.catch(() => {}), isOver]);
  clearTimeout(timer);
}
