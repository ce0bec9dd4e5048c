import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";
import { appendRun, knowsRun } from "../support/single-calls.ts";
import { pause } from "./controls.ts";
import { countAcknowledged, type OracleFile, readFacts } from "./oracle.ts";

export interface Worker {
  readonly root: string;
  readonly oracles: string;
  /** Names this life of this worker: a respawned one has another. */
  readonly life: string;
  readonly random: () => number;
  readonly store: JsonlRuns;
  readonly oracle: OracleFile;
  /** The longest that an unlocked writer waits between opening the log and writing to it. */
  readonly windowMs: number;
}

/** Runs that expire in the soak were reported as a day older. */
export const RETENTION_DAYS = 2;

/** What a worker does again and again until it is killed. */
export const roles = { append, appendWithKeys, prune, read, writeForeign, writeForeignTorn };
export type Role = keyof typeof roles;

/** Runs of its own, some large, some that have expired already, one or several at a time. */
async function append(worker: Worker, round: number): Promise<void> {
  const together = 1 + Math.floor(worker.random() * 4);
  const calls = Array.from({ length: together }, async (_, index) => {
    const id = `run_${worker.life}${(round * 4 + index).toString(16).padStart(8, "0")}`;
    const expired = worker.random() < 0.2;
    const reported: JsonObject = {
      success: worker.random() < 0.7,
      notes: "x".repeat(worker.random() < 0.02 ? 40_000 : 20),
    };
    const timestamp = formatInstant(Date.now() - (expired ? (RETENTION_DAYS + 1) * DAY_MS : 0));
    await appendRun(worker.store, REVIEWER, { record: { ...reported, id, timestamp }, reported });
    if (!expired) worker.oracle.note({ kind: "run", id });
    return expired ? undefined : id;
  });
  const own = (await Promise.all(calls)).find((id) => id !== undefined);
  if (own !== undefined && worker.random() < 0.1 && !(await knowsRun(worker.store, REVIEWER, own))) {
    worker.oracle.note({ kind: "wrong", what: `${own} was acknowledged, and a moment later not found` });
  }
}

/** Keys that others use at the same moment, and some that were used a while ago. */
async function appendWithKeys(worker: Worker, round: number): Promise<void> {
  const age = worker.random() < 0.3 ? Math.floor(worker.random() * 50) : 0;
  const key = `key-${Math.floor(Date.now() / 20) - age}`;
  const reported: JsonObject = { success: key.endsWith("3"), idempotency_key: key };
  const id = `run_${worker.life}${round.toString(16).padStart(8, "0")}`;
  const record = { ...reported, id, timestamp: formatInstant(Date.now()) };
  const { execution } = await appendRun(worker.store, REVIEWER, { record, reported });
  if (execution.key !== key) worker.oracle.note({ kind: "wrong", what: `${key} was answered with another key's run` });
  worker.oracle.note({ kind: "key", key, id: execution.id ?? "none" });
}

/** With a run that has expired, so that there is something to take out, and the log is rewritten, every time. */
async function prune(worker: Worker): Promise<void> {
  const reported = { success: true };
  const record = { ...reported, timestamp: formatInstant(Date.now() - (RETENTION_DAYS + 1) * DAY_MS) };
  await appendRun(worker.store, REVIEWER, { record, reported });
  await worker.store.prune(REVIEWER);
  worker.oracle.note({ kind: "pruned" });
  if (worker.random() < 0.05) {
    await worker.store.repair(REVIEWER);
    worker.oracle.note({ kind: "repaired" });
  }
  await delay(worker.random() * 40);
}

/** What was acknowledged before the question has to be in the answer; a page holds every run once. */
async function read(worker: Worker): Promise<void> {
  const atLeast = countAcknowledged(readFacts(worker.oracles));
  const { view } = await worker.store.overview(REVIEWER);
  if (view.tally.runs < atLeast) {
    worker.oracle.note({ kind: "wrong", what: `${atLeast} runs were acknowledged, and ${view.tally.runs} counted` });
  }
  const { executions } = await worker.store.page(REVIEWER, { filter: {}, limit: 200 });
  const ids = executions.flatMap((run) => run.id ?? []);
  if (new Set(ids).size !== ids.length) worker.oracle.note({ kind: "wrong", what: "a page holds a run twice" });
  worker.oracle.note({ kind: "read" });
  await delay(worker.random() * 100);
}

/** As the Python implementation does for small records: open, one write, close. No lock. */
async function writeForeign(worker: Worker, round: number): Promise<void> {
  appendWithoutLock(worker, round, (fd, line) => writeSync(fd, `${line}\n`));
  await delay(worker.random() * 20);
}

/** As it does for large ones: the newline is a write of its own. */
async function writeForeignTorn(worker: Worker, round: number): Promise<void> {
  appendWithoutLock(worker, round, (fd, line) => {
    writeSync(fd, line);
    pause(worker.random() * 0.2);
    writeSync(fd, "\n");
  });
  await delay(worker.random() * 20);
}

function appendWithoutLock(worker: Worker, round: number, write: (fd: number, line: string) => void): void {
  const n = `${worker.life}-${round}`;
  const record = { agent: REVIEWER, n, success: true, timestamp: formatInstant(Date.now()) };
  const fd = openSync(logPath(worker.root, REVIEWER), "a");
  // A busy machine takes a writer's turn away just here, now and then: the window that a drain has to cover.
  pause(worker.random() * worker.windowMs);
  write(fd, JSON.stringify(record));
  closeSync(fd);
  worker.oracle.note({ kind: "foreign", n });
}
