import * as z from "zod";
import type { ContentHash } from "../../../adr004/content-counts.ts";
import { readRun } from "../../../adr004/run-line.ts";
import { type Execution, hasOwnId, identitiesOf, idIdentity, keyIdentity } from "../../../domain/run/execution.ts";
import type { RetentionDays } from "../../../domain/run/retention.ts";
import { type BatchLookup, needsContents } from "../../shared/batch.ts";
import type { NewRun } from "../../store.ts";
import type { Database, Query } from "../server/database.ts";
import { contentKey, keyHash, readRecord } from "./run-row.ts";

const runSchema = z.array(z.object({ seq: z.number(), record: z.string() }));
const contentSchema = z.array(z.object({ content_hash: z.string(), copies: z.number(), last: z.number() }));

/** A run that is there, and what it was kept as. */
export interface Kept {
  readonly execution: Execution;
  readonly record: string;
  readonly seq: number;
}

/** What is there already of what some runs could repeat. */
export class Known implements BatchLookup {
  readonly retentionDays: RetentionDays;
  readonly #runs = new Map<string, Kept>();
  readonly #contents = new Map<string, { readonly copies: number; readonly last: number }>();

  constructor(retentionDays: RetentionDays) {
    this.retentionDays = retentionDays;
  }

  find(identity: string): Execution | undefined {
    return this.#runs.get(identity)?.execution;
  }

  kept(identity: string): Kept | undefined {
    return this.#runs.get(identity);
  }

  copies([high, low]: ContentHash): number {
    return this.#contents.get(`${high}-${low}`)?.copies ?? 0;
  }

  /** The highest number of any that says so. */
  lastCopy(content: string): number {
    return this.#contents.get(content)?.last ?? 0;
  }

  /** Reads what there is of the keys and ids of some runs; of those from elsewhere also of what they say. */
  async read(query: Query, database: Database, agentId: string, runs: readonly NewRun[]): Promise<this> {
    const executions = runs.flatMap(({ record }) => readRun(record) ?? []);
    const keys = executions.flatMap(({ key }) => (key === undefined ? [] : keyHash(key)));
    const ids = executions.filter(hasOwnId).map(({ id }) => id);
    const table = database.table("runs");
    const rows = await query(
      `SELECT seq, record FROM ${table} WHERE agent_id = $1 AND key_hash = ANY($2::text[]) AND key_turn = 0
UNION ALL SELECT seq, record FROM ${table} WHERE agent_id = $1 AND id = ANY($3::text[]) AND id_turn = 0`,
      [agentId, keys, ids],
    );
    this.#keep(runSchema.parse(rows), new Set(keys), new Set(ids));
    if (needsContents(runs)) {
      const unknown = executions.filter((execution) => identitiesOf(execution).length === 0);
      const contents = unknown.map(({ record }) => contentKey(record));
      const counted = await query(
        `SELECT content_hash, count(*) AS copies, max(content_nth) AS last FROM ${table} WHERE agent_id = $1 AND content_hash = ANY($2::text[]) GROUP BY content_hash`,
        [agentId, contents],
      );
      for (const { content_hash, ...counts } of contentSchema.parse(counted)) this.#contents.set(content_hash, counts);
    }
    return this;
  }

  /** A row was found by its key, or by its id; by the other one another may be the run that counts. */
  #keep(rows: z.infer<typeof runSchema>, keys: ReadonlySet<string>, ids: ReadonlySet<string>): void {
    for (const { record, seq } of rows) {
      const execution = readRecord(record)?.execution;
      if (execution === undefined) continue;
      const { id, key } = execution;
      const identities = [
        ...(key !== undefined && keys.has(keyHash(key)) ? [keyIdentity(key)] : []),
        ...(ids.has(id) ? [idIdentity(id)] : []),
      ];
      for (const identity of identities) {
        const known = this.#runs.get(identity);
        if (known === undefined || known.seq < seq) this.#runs.set(identity, { execution, record, seq });
      }
    }
  }
}
