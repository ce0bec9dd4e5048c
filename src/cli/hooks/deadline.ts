import type { Log } from "../../log.ts";

/** Counted from the start of the process. A client waits for its hooks, and takes a second for long. */
const LIMIT_MS = 800;
/** What is left for the work at least, where the machine is so busy that the program has only just been loaded. */
const LEAST_MS = 300;

/**
 * Ends the process in time, with the status that means nothing to the client, whatever it still waits for (input that
 * nobody closes, a lock that another process keeps, a log that has to be read again) and whatever goes wrong. What was
 * begun under a lock is finished by whoever takes it next.
 */
export function endInTime(doing: string, log: Log): void {
  // `performance.now()` begins with the process.
  const left = Math.max(LEAST_MS, LIMIT_MS - performance.now());
  setTimeout(() => {
    log.info(`${doing} was given up: it would have taken longer than ${LIMIT_MS / 1000} s.`);
    process.exit(0);
  }, left);
  process.on("uncaughtException", (error) => {
    log.error(`${doing} has failed.`, error);
    process.exit(0);
  });
}
