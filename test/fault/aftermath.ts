import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { hasOwnId } from "../../src/domain/run/execution.ts";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import { logPath } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { openJsonl } from "../support/jsonl.ts";
import { REVIEWER } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { FIRST_IDS, GARBAGE, NEW_ID, type OperationName, operations, scenarioClock } from "./scenarios.ts";

const LATER_ID = idOf(200);

/** Whether the run of the operation has to be there, has to be absent, or (killed before it could say) may be either. */
export type Expectation = "present" | "absent" | "either";

/**
 * What has to hold after a fault, whichever it was: everything acknowledged is there once, nothing refused is, bytes
 * that nobody understands are still somewhere, and the next calls work and leave no file under way behind.
 */
export async function expectNothingLost(
  root: string,
  operation: OperationName,
  expected: Expectation,
  survivor?: JsonlRuns,
): Promise<void> {
  const fresh = openJsonl(root, { now: scenarioClock.now, lockTimeoutMs: 2000 }).runs;
  const { importedRuns, garbage } = operations[operation];
  const before = await idsIn(fresh);
  expect(before.filter((id) => id !== NEW_ID)).toEqual([...FIRST_IDS, ...Array(importedRuns).fill("foreign")]);
  const found = before.filter((id) => id === NEW_ID).length;
  if (expected === "either") expect(found).toBeLessThanOrEqual(1);
  else expect(found).toBe(expected === "present" ? 1 : 0);

  const next = survivor ?? fresh;
  const later = { success: true, id: LATER_ID, timestamp: new Date(scenarioClock.now()).toISOString() };
  const { overview } = await appendRun(next, REVIEWER, { record: later, reported: { success: true } });
  expect(overview.view.tally.runs).toBe(before.length + 1);
  const again = await appendRun(next, REVIEWER, {
    record: { ...later, id: idOf(201), idempotency_key: "first" },
    reported: { success: true, notes: "n".repeat(60), idempotency_key: "first" },
  });
  expect(again).toMatchObject({ duplicate: true, execution: { id: idOf(2) } });
  await next.prune(REVIEWER);
  expect(await idsIn(fresh)).toEqual([...before, LATER_ID]);
  // A repair that ended between the two may leave them in both places: twice is no loss.
  expect(countGarbage(root)).toBeGreaterThanOrEqual(garbage);
  expect(filesUnderWay(root)).toEqual([]);
  await next.close();
  await fresh.close();
}

/** Oldest first; the id of another writer's run is made of what it says. */
async function idsIn(store: JsonlRuns): Promise<string[]> {
  const { executions } = await store.page(REVIEWER, { filter: {}, limit: 1000 });
  return executions.map((run) => (hasOwnId(run) ? run.id : "foreign")).reverse();
}

/** How often the unreadable bytes stand in the log and beside it. */
function countGarbage(root: string): number {
  const log = logPath(root, REVIEWER);
  const quarantine = join(dirname(log), "executions.quarantine");
  const texts = [log, quarantine].map((path) => (existsSync(path) ? readFileSync(path, "utf8") : ""));
  return texts.join("").split(GARBAGE).length - 1;
}

/** The second name of a rewritten log stays a second for late writers, and may be there for that long. */
function filesUnderWay(root: string): string[] {
  return readdirSync(dirname(logPath(root, REVIEWER)), { recursive: true, encoding: "utf8" }).filter((name) =>
    /tmp-|rewrite-/.test(name),
  );
}
