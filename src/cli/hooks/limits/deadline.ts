import type { Log } from "../../../log.ts";
import { watch } from "./watchdog.ts";

/**
 * How long a client is kept waiting at most, counted from the start of the process. Nearly every hook is over within a few
 * tenths of a second; but a brief that comes late is worth more than none, and clients wait for up to a minute.
 */
export const LIMIT_MS = 5_000;
/** What is left for the work at least, where the machine is so busy that the program has only just been loaded. */
const LEAST_MS = 300;

/** How many ms of a limit are left now. */
export function leftOf(limitMs: number): number {
  // `performance.now()` begins with the process.
  return Math.max(LEAST_MS, limitMs - performance.now());
}

/**
 * Ends the process in time, with the status that means nothing to the client, whatever goes wrong, and whatever it
 * still waits for: input that the client does not close, a lock that another process keeps, a log that has to be read
 * again. If it had begun something under a lock, the next process that takes the lock finishes it.
 */
export function endInTime(doing: string, limitMs: number, log: Log): void {
  const left = leftOf(limitMs);
  const giveUp = () => {
    log.info(`${doing} was given up: it would have taken longer than ${limitMs / 1000} s.`);
    process.exit(0);
  };
  setTimeout(giveUp, left);
  watch(left, giveUp);
  process.on("uncaughtException", (error) => {
    log.error(`${doing} has failed.`, error);
    process.exit(0);
  });
}

/** Waits for work, but for no longer than so many ms. The work goes on then; its promise tells how it ends. */
export async function waitAWhile(work: Promise<unknown>, atMostMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, atMostMs);
  });
  await Promise.race([work.catch(() => {}), isOver]);
  clearTimeout(timer);
}
