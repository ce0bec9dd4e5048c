import { closeSync } from "node:fs";

/**
 * A thread takes a good part of what a whole hook takes, so that it is only started where there is more to do than usual:
 * so many bytes have been read, or this process has been at work for so many ms. On a busy machine it waits for most of
 * the time instead, and what would take still longer is a thread. Half of the time that there is starts it in any case.
 */
const USUAL_BYTES = 512 * 1024;
const USUAL_WORK_MS = 300;
const LOOKS_EVERY_MS = 100;

/** How long, in ms, the timer of the main thread is given to fire first. */
const HEAD_START_MS = 250;

/** Under this name the thread finds what to do. */
const ENTRANCE = "kaizenMetricsGivesUp";

/**
 * Runs in the thread. A thread cannot end its process, but an inspector may speak to the main thread between any two steps
 * of whatever it is doing, as a debugger does that stops a loop. Only a single call into native code holds it off, and
 * what those are given is bounded.
 */
const program = `
  const { workerData } = require("node:worker_threads");
  setTimeout(() => {
    const { Session } = require("node:inspector");
    const session = new Session();
    session.connectToMainThread();
    session.post("Runtime.evaluate", { expression: "globalThis.${ENTRANCE}?.()" });
    session.disconnect();
  }, workerData.ms);
`;

let bytesRead = 0;
let startsBy = Number.POSITIVE_INFINITY;
let start = () => {};

/**
 * Calls a function in so many ms, even if the event loop never turns: in the middle of a computation, or of promises
 * that never end. The function is to end the process.
 */
export function watch(afterMs: number, giveUp: () => void): void {
  const startedAt = performance.now();
  startsBy = startedAt + afterMs / 2;
  const looking = setInterval(() => noteReading(0), LOOKS_EVERY_MS).unref();
  start = () => {
    start = () => {};
    clearInterval(looking);
    Reflect.set(globalThis, ENTRANCE, () => {
      // Node would add a line about the inspector to ours.
      process.on("exit", () => closeSync(2));
      giveUp();
    });
    startThread(startedAt + afterMs + HEAD_START_MS - performance.now());
  };
  noteReading(0);
}

/** Told of whatever is read, before it is worked on. */
export function noteReading(bytes: number): void {
  bytesRead += bytes;
  if (bytesRead > USUAL_BYTES || workedMs() > USUAL_WORK_MS || performance.now() > startsBy) start();
}

function workedMs(): number {
  const { system, user } = process.cpuUsage();
  return (user + system) / 1_000;
}

function startThread(ms: number): void {
  try {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const worker = new Worker(program, { eval: true, workerData: { ms }, env: {}, execArgv: [] });
    // If there is no thread or no inspector, the timer alone ends the process.
    worker.on("error", () => {});
    worker.unref();
  } catch {
    // If the system gives no thread, the timer alone ends the process.
  }
}
