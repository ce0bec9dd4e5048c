import * as z from "zod";
import type { Execution } from "../../../domain/run/execution.ts";
import { type ExecutionFilter, matchesFilter } from "../../../domain/run/filter.ts";
import type { Verification } from "../../../domain/verification/verification.ts";
import type { CalledRun, FoundRun, ScannedRun } from "../../store.ts";
import type { Database, Query } from "../server/database.ts";
import { keptColumns, keptVerificationSchema, readVerification } from "./kept-verification.ts";
import { keyHash, liveRowOf, readRecord } from "./run-row.ts";

const rowSchema = z.array(z.object({ seq: z.number(), record: z.string() }));
const placeSchema = z.array(z.object({ seq: z.number(), id: z.string() }));
const checkSchema = z.array(keptVerificationSchema.extend({ execution_id: z.string() }));

/** So many rows come at a time. */
export const ROWS = 500;

export interface StoredRun {
  readonly execution: Execution;
  readonly text: string;
  readonly seq: number;
}

/** Which rows are meant, by what the tables know of them. */
export interface Rows {
  /** The instant (ms) before which a run has expired. */
  readonly cutoff: number;
  readonly filter: ExecutionFilter;
  /** Rows with smaller numbers only. */
  readonly before?: number | undefined;
}

/** Reads one agent's runs and verifications as they stand in the tables. */
export class RunReader {
  readonly #database: Database;
  readonly #agentId: string;

  constructor(database: Database, agentId: string) {
    this.#database = database;
    this.#agentId = agentId;
  }

  /** The live runs that a filter picks, the last first, some at a time. */
  async *backwards({ before = Number.MAX_SAFE_INTEGER, cutoff, filter }: Rows): AsyncGenerator<readonly StoredRun[]> {
    for (let last = before; ; ) {
      const rows = await this.someBefore(last, ROWS, { cutoff, filter });
      yield rows.flatMap(({ run }) => (run !== undefined && matchesFilter(run.execution, filter) ? [run] : []));
      if (rows.length < ROWS) return;
      last = rows.at(-1)?.seq ?? 0;
    }
  }

  /** So many rows before a number, the last first, also those that a filter leaves out by what only their records say. */
  async someBefore(
    before: number,
    count: number,
    { cutoff, filter }: Rows,
  ): Promise<{ seq: number; run: StoredRun | undefined }[]> {
    const { success = null, untilAt = null } = filter;
    const since = Math.max(cutoff, filter.sinceAt ?? cutoff);
    const isTimed = filter.sinceAt !== undefined || untilAt !== null;
    const rows = await this.#database.read(
      `SELECT seq, record FROM ${this.#database.table("runs")} WHERE agent_id = $1 AND seq < $2
AND ((at IS NULL AND NOT $3::boolean) OR at >= $4) AND ($5::double precision IS NULL OR at < $5) AND ($6::boolean IS NULL OR success = $6)
ORDER BY seq DESC LIMIT $7`,
      [this.#agentId, before, isTimed, since, untilAt, success, count],
      "onward",
    );
    return rowSchema.parse(rows).map(({ record, seq }) => ({ seq, run: stored(record, seq) }));
  }

  /** The live runs from behind one number up to another, the first first. */
  async someAfter(after: number, to: number, cutoff: number): Promise<{ runs: StoredRun[]; next: number | undefined }> {
    const rows = await this.#database.read(
      `SELECT seq, record FROM ${this.#database.table("runs")} WHERE agent_id = $1 AND seq > $2 AND seq <= $3
AND (at IS NULL OR at >= $4) ORDER BY seq LIMIT $5`,
      [this.#agentId, after, to, cutoff, ROWS],
    );
    const read = rowSchema.parse(rows);
    const runs = read.flatMap(({ record, seq }) => stored(record, seq) ?? []);
    return { runs, next: read.length < ROWS ? undefined : read.at(-1)?.seq };
  }

  /** The verifications of those of the runs that have any, by execution id, in the order in which they were reported. */
  async verificationsOf(
    runs: readonly Pick<Execution, "id">[],
    upTo = Number.MAX_SAFE_INTEGER,
  ): Promise<Map<string, Verification[]>> {
    const ids = [...new Set(runs.map(({ id }) => id))];
    const found = new Map<string, Verification[]>();
    if (ids.length === 0) return found;
    const rows = await this.#database.read(
      `SELECT c.execution_id, ${keptColumns(this.#database.table("checks"))} FROM ${this.#database.table("checks")} c
WHERE c.agent_id = $1 AND c.execution_id = ANY($2::text[]) AND c.seq <= $3 ORDER BY c.execution_id, c.nth`,
      [this.#agentId, ids, upTo],
    );
    for (const { execution_id, ...kept } of checkSchema.parse(rows)) {
      const read = readVerification(kept);
      if (read !== undefined) found.set(execution_id, [...(found.get(execution_id) ?? []), read]);
    }
    // In the order of the runs.
    return new Map(
      ids.flatMap((id) => {
        const of = found.get(id);
        return of === undefined ? [] : [[id, of] as const];
      }),
    );
  }

  /** The last verification of each of the runs, which says all that is known of it. */
  async lastVerifications(ids: readonly string[]): Promise<Map<string, Verification>> {
    const all = await this.verificationsOf(ids.map((id) => ({ id })));
    return new Map(
      [...all].flatMap(([id, of]) => {
        const last = of.at(-1);
        return last === undefined ? [] : [[id, last] as const];
      }),
    );
  }

  async placesOf(ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#database.read(
      `SELECT seq, id FROM ${this.#database.table("runs")} WHERE agent_id = $1 AND id = ANY($2::text[]) AND id_turn = 0`,
      [this.#agentId, ids],
    );
    return new Map(placeSchema.parse(rows).map(({ id, seq }) => [id, seq]));
  }

  /** The live runs under some keys. */
  async findByKeys(keys: readonly string[], cutoff: number): Promise<Map<string, Execution>> {
    const rows = await this.#database.read(
      `SELECT seq, record FROM ${this.#database.table("runs")}
WHERE agent_id = $1 AND key_hash = ANY($2::text[]) AND key_turn = 0 AND (at IS NULL OR at >= $3)`,
      [this.#agentId, keys.map(keyHash), cutoff],
    );
    const byKey = new Map(
      rowSchema.parse(rows).flatMap(({ record, seq }) => {
        const execution = stored(record, seq)?.execution;
        return execution?.key === undefined ? [] : [[execution.key, execution] as const];
      }),
    );
    return new Map(
      keys.flatMap((key) => {
        const run = byKey.get(key);
        return run === undefined ? [] : [[key, run] as const];
      }),
    );
  }

  async lookUp(keys: readonly string[], cutoff: number): Promise<ReadonlyMap<string, FoundRun>> {
    const found = await this.findByKeys(keys, cutoff);
    const verifications = await this.verificationsOf([...found.values()]);
    return new Map(
      [...found].map(([key, execution]) => [key, { execution, verifications: verifications.get(execution.id) ?? [] }]),
    );
  }

  /** The live run of an id. */
  async find(id: string, cutoff: number): Promise<CalledRun | undefined> {
    const query: Query = (text, values) => this.#database.read(text, values);
    const row = await liveRowOf(query, this.#database.table("runs"), [this.#agentId, id, cutoff]);
    const execution = row === undefined ? undefined : stored(row.record, row.seq)?.execution;
    if (row === undefined || execution === undefined) return undefined;
    const verifications = (await this.verificationsOf([execution])).get(id) ?? [];
    return { execution, verifications, isOneOfSeveral: row.copies > 1 };
  }

  async withVerifications(runs: readonly StoredRun[], upTo: number): Promise<ScannedRun[]> {
    const found = await this.verificationsOf(
      runs.map(({ execution }) => execution),
      upTo,
    );
    return runs.map(({ execution, text }) => ({ execution, text, verifications: found.get(execution.id) ?? [] }));
  }
}

function stored(record: string, seq: number): StoredRun | undefined {
  const read = readRecord(record);
  return read === undefined ? undefined : { ...read, seq };
}
