import type { AgentName } from "../../src/domain/run/agent-name.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { NewRun } from "../../src/storage/store.ts";
import type { MemoryRuns } from "../oracle/memory-runs.ts";
import { idOf } from "../support/histories.ts";
import { previewRuns } from "../support/single-calls.ts";
import type { ImportedRun } from "./operations.ts";

/** When a run is made, and the how-manieth of its history it is. */
interface Moment {
  readonly ordinal: number;
  /** In ms. */
  readonly now: number;
}

/** A run as an operation has it recorded. */
export function generatedRun(
  agent: AgentName,
  given: { key?: number; content: number; ageDays: number; quality?: number },
  { now, ordinal }: Moment,
): NewRun {
  const reported: JsonObject = { success: given.content === 0, agent };
  if (given.content === 1) reported.error = `failed after ${ordinal % 3} s`;
  if (given.key !== undefined) reported.idempotency_key = `key ${given.key}`;
  if (given.quality !== undefined && given.key === undefined) reported.quality_score = given.quality;
  const timestamp = formatInstant(now - given.ageDays * DAY_MS);
  return { record: { ...reported, timestamp, id: idOf(ordinal) }, reported };
}

/** A run as another writer has it recorded, without its key. */
export function importedRecord(run: ImportedRun, { now, ordinal }: Moment): JsonObject {
  const at = now - run.ageDays * DAY_MS;
  const spellings = {
    offset: { timestamp: new Date(at).toISOString().replace("Z", "+00:00") },
    naive: { timestamp: new Date(at).toISOString().slice(0, 19) },
    unix: { timestamp: at / 1000 },
    missing: {},
    unreadable: { timestamp: "yesterday" },
  };
  const record: JsonObject = { success: run.success, n: ordinal, ...spellings[run.spelling] };
  if (run.quality !== undefined) record.quality_score = run.quality;
  return record;
}

/**
 * Whether only an expired run has the key of a run, and that had not expired when this one ended: it is repeated as long
 * as it is there, and when it leaves is up to each store.
 */
export async function repeatsExpired(memory: MemoryRuns, agent: AgentName, run: NewRun): Promise<boolean> {
  const { idempotency_key: key } = run.record;
  if (typeof key !== "string" || (await memory.existingKeys(agent, [key])).has(key)) return false;
  const [preview] = await previewRuns(memory, agent, [run]);
  return preview !== "new";
}
