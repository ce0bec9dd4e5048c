import { appendFileSync } from "node:fs";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { openJsonl } from "../support/jsonl.ts";
import { type Clock, clockAt, REVIEWER } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** Bytes that no reader can make a run of; they have to outlive everything. */
export const GARBAGE = "\u0000 neither JSON nor a run <<<";
/** The ids of the runs that every scenario begins with. */
export const FIRST_IDS = [1, 2, 3].map(idOf);
/** The id, and for keyed operations the key, of the run that an operation under fault records. */
export const NEW_ID = idOf(100);

export const scenarioClock: Clock = clockAt();

function run(ordinal: number, more: Record<string, string | boolean> = {}) {
  const reported = { success: ordinal % 2 === 0, notes: "n".repeat(60), ...more };
  return {
    record: { ...reported, id: idOf(ordinal), agent: REVIEWER, timestamp: formatInstant(scenarioClock.now()) },
    reported,
  };
}

/** Fills a folder through the store itself, so that its derived files are there and true. */
export async function prepare(root: string, operation: OperationName): Promise<void> {
  const store = openJsonl(root, { now: scenarioClock.now });
  await appendRun(store.runs, REVIEWER, run(1));
  await appendRun(store.runs, REVIEWER, run(2, { idempotency_key: "first" }));
  await appendRun(store.runs, REVIEWER, run(3));
  await store.runs.close();
  const { disturb } = operations[operation];
  if (disturb !== undefined) disturb(root);
}

const expiredLine = `${JSON.stringify({ success: true, timestamp: "2020-01-01T00:00:00Z", notes: "old" })}\n`;
const gluedLine =
  '{"success": true, "timestamp": 1795341600, "n": 1}{"success": false, "timestamp": 1795341600, "n": 2}\n';

const disorderedLines = [2, 1]
  .map((n) => `${JSON.stringify({ success: true, timestamp: formatInstant(scenarioClock.now() + n * 1000) })}\n`)
  .join("");

interface ScenarioOperation {
  /** What other writers have done to the log before it. */
  readonly disturb?: (root: string) => void;
  /** Whether it records the run `NEW_ID`. */
  readonly records: boolean;
  /** How many live runs others have put into the log, and how often `GARBAGE`. */
  readonly importedRuns: number;
  readonly garbage: number;
  perform(store: JsonlRuns): Promise<unknown>;
}

/** Enough bytes for the index to be due at the next append, in lines that are few, and short enough to be read in no time. */
const unindexed = `${JSON.stringify({ success: true, timestamp: 1795341600, notes: "x".repeat(180_000) })}\n`.repeat(3);

export type OperationName =
  | "append"
  | "keyed append"
  | "append to a torn log"
  | "append with expired runs"
  | "append with an index due"
  | "prune"
  | "sortByTime"
  | "repair";

/** The calls that write, each on a log that gives them something to do. */
export const operations: Record<OperationName, ScenarioOperation> = {
  append: { records: true, importedRuns: 0, garbage: 0, perform: (store) => appendRun(store, REVIEWER, run(100)) },
  "keyed append": {
    records: true,
    importedRuns: 0,
    garbage: 0,
    perform: (store) => appendRun(store, REVIEWER, run(100, { idempotency_key: "new" })),
  },
  "append to a torn log": {
    records: true,
    importedRuns: 0,
    garbage: 0,
    disturb: (root) => appendFileSync(logPath(root, REVIEWER), '{"success": true, "times'),
    perform: (store) => appendRun(store, REVIEWER, run(100)),
  },
  "append with expired runs": {
    records: true,
    importedRuns: 0,
    garbage: 1,
    disturb: (root) => writeForeignText(root, REVIEWER, `${expiredLine}${expiredLine}${GARBAGE}\n`),
    perform: (store) => appendRun(store, REVIEWER, run(100)),
  },
  "append with an index due": {
    records: true,
    importedRuns: 3,
    garbage: 0,
    disturb: (root) => writeForeignText(root, REVIEWER, unindexed),
    perform: (store) => appendRun(store, REVIEWER, run(100, { idempotency_key: "new" })),
  },
  prune: {
    records: false,
    importedRuns: 0,
    garbage: 1,
    disturb: (root) => writeForeignText(root, REVIEWER, `${expiredLine}${GARBAGE}\n${expiredLine}`),
    perform: (store) => store.prune(REVIEWER),
  },
  sortByTime: {
    records: false,
    importedRuns: 2,
    garbage: 1,
    disturb: (root) => writeForeignText(root, REVIEWER, `${GARBAGE}\n${disorderedLines}`),
    perform: (store) => store.sortByTime(REVIEWER),
  },
  repair: {
    records: false,
    importedRuns: 2,
    garbage: 1,
    disturb: (root) => writeForeignText(root, REVIEWER, `${gluedLine}${GARBAGE}\n`),
    perform: (store) => store.repair(REVIEWER),
  },
};

/** Those to be swept call by call: a keyed append does all that one without a key does. */
export const sweptOperations = (Object.keys(operations) as OperationName[]).filter((name) => name !== "append");
