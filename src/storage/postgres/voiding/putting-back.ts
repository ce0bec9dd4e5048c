import * as z from "zod";
import { decodeEvidence } from "../../../adr004/evidence-line.ts";
import { decodeLifecycleEvent } from "../../../adr004/lifecycle-line.ts";
import { type Execution, identitiesOf } from "../../../domain/run/execution.ts";
import { firstSeenIn } from "../../../domain/run/runs-by-key.ts";
import { keyTaken } from "../../refusals.ts";
import { executionIdIn } from "../events/run-events.ts";
import { given, keyHash, RUN_COLUMNS, readRecord } from "../run-view/run-row.ts";
import type { Database, Query } from "../server/database.ts";
import type { VoidedRow } from "./voided-rows.ts";

const runSchema = z.object({ record: z.string() });
const agentSchema = z.object({ last_seq: z.number(), orders: z.number() });
const neighbourSchema = z.object({ at: z.number().nullable() });
const lastSchema = z.object({ last: z.number().nullable() });

interface Whose {
  readonly database: Database;
  readonly agentId: string;
}

/** Puts a voided run back to its place in time, with all that was known of it. The agent's row is held. */
export async function putBack(
  query: Query,
  whose: Whose,
  row: VoidedRow,
  { cutoff, dryRun }: { readonly cutoff: number; readonly dryRun: boolean },
): Promise<void> {
  const { execution } = row.entry;
  const hash = execution.key === undefined ? undefined : keyHash(execution.key);
  await assertKeyIsFree(query, whose, row, hash, cutoff);
  if (dryRun) return;
  const { agentId, database } = whose;
  const t = (name: string) => database.table(name);
  if (hash !== undefined) {
    // One that has it has expired.
    await query(`UPDATE ${t("runs")} SET key_turn = seq WHERE agent_id = $1 AND key_hash = $2 AND key_turn = 0`, [
      agentId,
      hash,
    ]);
  }
  const seq = await placeFor(query, whose, execution, row);
  const copy = identitiesOf(execution).length === 0 ? 1 : 0;
  const { parameters, values } = given([{ execution, text: row.line.line, copy }], 3);
  await query(`INSERT INTO ${t("runs")} (agent_id, seq, ${RUN_COLUMNS}) VALUES ($1, $2, ${values})`, [
    agentId,
    seq,
    ...parameters,
  ]);
  await putBackChecks(query, whose, row);
  for (const name of ["lifecycle", "evidence"] as const) await putBackEvents(query, whose, name, row.line[name] ?? []);
  await query(`DELETE FROM ${t("voided")} WHERE agent_id = $1 AND id = $2`, [agentId, row.line.id]);
  await query(`UPDATE ${t("agents")} SET epoch = epoch + 1, has_runs = true, runs_at = now() WHERE agent_id = $1`, [
    agentId,
  ]);
}

async function assertKeyIsFree(
  query: Query,
  { agentId, database }: Whose,
  { line }: VoidedRow,
  hash: string | undefined,
  cutoff: number,
): Promise<void> {
  if (hash === undefined) return;
  const [row] = await query(
    `SELECT record FROM ${database.table("runs")} WHERE agent_id = $1 AND key_hash = $2 AND key_turn = 0 AND (at IS NULL OR at >= $3)`,
    [agentId, hash, cutoff],
  );
  const holder = row === undefined ? undefined : readRecord(runSchema.parse(row).record)?.execution;
  if (holder !== undefined) throw keyTaken(line.id, holder);
}

/**
 * The number that the run gets: its own, if time allows it there; else one behind the last run that is not later, and those
 * behind that get new numbers.
 */
async function placeFor(
  query: Query,
  { agentId, database }: Whose,
  { at }: Execution,
  { line, orders }: VoidedRow,
): Promise<number> {
  const runs = database.table("runs");
  const agents = database.table("agents");
  const [agentRow] = await query(`SELECT last_seq, orders FROM ${agents} WHERE agent_id = $1`, [agentId]);
  const agent = agentSchema.parse(agentRow);
  const neighbour = async (condition: string, order: string) => {
    const [row] = await query(
      `SELECT at FROM ${runs} WHERE agent_id = $1 AND seq ${condition} $2 ORDER BY seq ${order} LIMIT 1`,
      [agentId, line.place],
    );
    return row === undefined ? undefined : neighbourSchema.parse(row).at;
  };
  const own = at ?? Number.POSITIVE_INFINITY;
  if (orders === agent.orders) {
    const before = await neighbour("<", "DESC");
    const after = await neighbour(">", "ASC");
    if ((before ?? own) <= own && (after ?? own) >= own) return line.place;
  }
  const [lastRow] = await query(
    `SELECT max(seq) AS last FROM ${runs} WHERE agent_id = $1 AND (at IS NULL OR at <= $2)`,
    [agentId, own],
  );
  const last = lastSchema.parse(lastRow).last ?? 0;
  const { last_seq } = agent;
  await query(`UPDATE ${runs} SET seq = $3::bigint + seq - $2::bigint WHERE agent_id = $1 AND seq > $2`, [
    agentId,
    last,
    last_seq + 1,
  ]);
  await query(`UPDATE ${agents} SET last_seq = $2, orders = orders + 1 WHERE agent_id = $1`, [
    agentId,
    2 * last_seq + 1 - last,
  ]);
  return last_seq + 1;
}

async function putBackChecks(
  query: Query,
  { agentId, database }: Whose,
  { entry, line, words }: VoidedRow,
): Promise<void> {
  const t = (name: string) => database.table(name);
  for (const [index, record] of (line.verifications ?? []).entries()) {
    const [byCi, byPerson] = words[index] ?? [false, false];
    await query(
      `WITH turn AS (UPDATE ${t("agents")} SET last_check = last_check + 1 WHERE agent_id = $1 RETURNING last_check)
INSERT INTO ${t("checks")} (agent_id, seq, execution_id, nth, run_at, by_ci, by_person, record)
SELECT $1::uuid, turn.last_check, $2::text, (SELECT coalesce(max(nth), 0) + 1 FROM ${t("checks")} WHERE agent_id = $1 AND execution_id = $2),
$3::double precision, $4::boolean, $5::boolean, $6::text FROM turn`,
      [agentId, line.id, entry.execution.at ?? null, byCi, byPerson, record],
    );
  }
}

async function putBackEvents(
  query: Query,
  { agentId, database }: Whose,
  name: "lifecycle" | "evidence",
  records: readonly string[],
): Promise<void> {
  const t = (of: string) => database.table(of);
  for (const record of records) {
    const event = (name === "lifecycle" ? decodeLifecycleEvent : decodeEvidence)(Buffer.from(record));
    if (event === undefined || event === "blank") continue;
    await query(
      `WITH turn AS (UPDATE ${t("agents")} SET last_${name} = last_${name} + 1, has_${name} = true, ${name}_at = now() WHERE agent_id = $1 RETURNING last_${name} AS seq)
INSERT INTO ${t(name)} (agent_id, seq, key_hash, nth, execution_id, first_seen, record)
SELECT $1::uuid, turn.seq, $2::text, (SELECT coalesce(max(nth), 0) + 1 FROM ${t(name)} WHERE agent_id = $1 AND key_hash = $2),
$3::text, $4::double precision, $5::text FROM turn`,
      [agentId, keyHash(event.key), executionIdIn(event), firstSeenIn(event), record],
    );
  }
}
