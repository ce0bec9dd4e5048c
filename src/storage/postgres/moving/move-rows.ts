import * as z from "zod";
import { withOtherAgent } from "../../../adr004/record-text.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { cutoffWhenEnded, hasExpired, type RetentionDays } from "../../../domain/run/retention.ts";
import type { Database, Query } from "../server/database.ts";

const ROWS = 2_000;

const recordSchema = z.array(z.object({ seq: z.number(), record: z.string() }));
const pairSchema = z.array(
  z.object({
    from_seq: z.number(),
    into_seq: z.number(),
    from_at: z.number().nullable(),
    into_at: z.number().nullable(),
  }),
);

/** What an agent's rows are moved between. */
export interface Move {
  readonly database: Database;
  readonly project: string;
  readonly retentionDays: RetentionDays;
  readonly from: AgentName;
  readonly fromId: string;
}

/** Whose rows they become. */
interface Target {
  readonly into: AgentName;
  readonly intoId: string;
}

/** The numbers of an agent's rows, by the table that they are in. */
const counters = {
  runs: "last_seq",
  checks: "last_check",
  lifecycle: "last_lifecycle",
  evidence: "last_evidence",
} as const;

/** What else of a row changes with its number: what tells it apart from those of the same run, or of the same words, that are there. */
const moved = {
  runs: "id_turn = CASE WHEN id_turn = 0 THEN 0 ELSE $3::bigint + seq END, key_turn = CASE WHEN key_turn = 0 THEN 0 ELSE $3::bigint + seq END, content_nth = $3::bigint + seq",
  checks: "nth = $3::bigint + nth",
  lifecycle: "nth = $3::bigint + nth",
  evidence: "nth = $3::bigint + nth",
} as const;

/** Gives the rows of an agent to another one, behind those that are there. Both are held. */
export async function moveRows(query: Query, move: Move, target: Target): Promise<void> {
  const { database, fromId } = move;
  const { intoId } = target;
  const t = (name: string) => database.table(name);
  await dropRepeats(query, move, target);
  for (const name of ["runs", "checks", "lifecycle", "evidence"] as const) {
    await rename(query, move, target.into, name);
    const last = `(SELECT ${counters[name]} FROM ${t("agents")} WHERE agent_id = $2)`;
    const [row] = await query(`SELECT ${last.replace("$2", "$1")} AS last`, [intoId]);
    const { last: base } = z.object({ last: z.number() }).parse(row);
    await query(`UPDATE ${t(name)} SET agent_id = $2, seq = $3::bigint + seq, ${moved[name]} WHERE agent_id = $1`, [
      fromId,
      intoId,
      base,
    ]);
    await query(
      `UPDATE ${t("agents")} SET ${counters[name]} = greatest(${counters[name]}, (SELECT coalesce(max(seq), 0) FROM ${t(name)} WHERE agent_id = $1)) WHERE agent_id = $1`,
      [intoId],
    );
  }
  await rename(query, move, target.into, "voided");
  // The place of a voided run was one among those of the agent that it was of.
  await query(
    `INSERT INTO ${t("voided")} (agent_id, id, seq, orders, run_at, words, record)
SELECT $2::uuid, v.id, a.last_void + v.seq, -1, v.run_at, v.words, v.record FROM ${t("voided")} v, ${t("agents")} a WHERE v.agent_id = $1 AND a.agent_id = $2
ON CONFLICT (agent_id, id) DO NOTHING`,
    [fromId, intoId],
  );
  await query(
    `UPDATE ${t("agents")} AS i SET has_runs = i.has_runs OR f.has_runs, has_lifecycle = i.has_lifecycle OR f.has_lifecycle, has_evidence = i.has_evidence OR f.has_evidence,
last_void = i.last_void + f.last_void, epoch = i.epoch + 1, orders = i.orders + 1, lifecycle_epoch = i.lifecycle_epoch + 1, evidence_epoch = i.evidence_epoch + 1,
runs_at = now(), lifecycle_at = now(), evidence_at = now()
FROM ${t("agents")} AS f WHERE i.agent_id = $2 AND f.agent_id = $1`,
    [fromId, intoId],
  );
}

/** Spells an agent in another way. */
export async function renameRows(query: Query, move: Move, into: AgentName): Promise<void> {
  for (const name of [...(Object.keys(counters) as (keyof typeof counters)[]), "voided"] as const)
    await rename(query, move, into, name);
  await query(
    `UPDATE ${move.database.table("agents")} SET agent = $2, epoch = epoch + 1, orders = orders + 1,
lifecycle_epoch = lifecycle_epoch + 1, evidence_epoch = evidence_epoch + 1 WHERE agent_id = $1`,
    [move.fromId, into],
  );
}

/** Names the other agent in the records, and leaves every other byte as it was. */
async function rename(
  query: Query,
  { database, from, fromId }: Move,
  into: AgentName,
  name: keyof typeof counters | "voided",
): Promise<void> {
  const table = database.table(name);
  for (let after: number | undefined = 0; after !== undefined; ) {
    const rows: z.infer<typeof recordSchema> = recordSchema.parse(
      await query(`SELECT seq, record FROM ${table} WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT ${ROWS}`, [
        fromId,
        after,
      ]),
    );
    const named = rows.map(({ record, seq }) => ({
      seq,
      text: withOtherAgent(Buffer.from(record), from, into).toString(),
      record,
    }));
    const others = named.filter(({ record, text }) => text !== record);
    await query(
      `UPDATE ${table} AS r SET record = n.record FROM unnest($2::bigint[], $3::text[]) AS n(seq, record) WHERE r.agent_id = $1 AND r.seq = n.seq`,
      [fromId, others.map(({ seq }) => seq), others.map(({ text }) => text)],
    );
    after = rows.length < ROWS ? undefined : rows.at(-1)?.seq;
  }
}

/** Of two runs with one key, or one id, the one that repeats the other counts no more; if neither does, the later one has it now. */
async function dropRepeats(query: Query, { database, fromId, retentionDays }: Move, { intoId }: Target): Promise<void> {
  const runs = database.table("runs");
  // Runs that say exactly the same, and have no other identity, are as many as before. One of them counts by their id.
  await query(
    `UPDATE ${runs} f SET id = NULL WHERE f.agent_id = $1 AND f.content_hash IS NOT NULL
AND EXISTS (SELECT 1 FROM ${runs} i WHERE i.agent_id = $2 AND i.id = f.id AND i.id_turn = 0)`,
    [fromId, intoId],
  );
  for (const [column, turn] of [
    ["key_hash", "key_turn"],
    ["id", "id_turn"],
  ]) {
    const rows = await query(
      `SELECT f.seq AS from_seq, i.seq AS into_seq, f.at AS from_at, i.at AS into_at FROM ${runs} f JOIN ${runs} i ON i.agent_id = $2 AND i.${column} = f.${column} AND i.${turn} = 0
WHERE f.agent_id = $1 AND f.${turn} = 0`,
      [fromId, intoId],
    );
    for (const { from_at, from_seq, into_at, into_seq } of pairSchema.parse(rows)) {
      const isFromFirst = from_at !== null && into_at !== null && from_at < into_at;
      const own = { agentId: fromId, seq: from_seq, at: from_at ?? undefined };
      const other = { agentId: intoId, seq: into_seq, at: into_at ?? undefined };
      const [earlier, later] = isFromFirst ? [own, other] : [other, own];
      const isRepeated = !hasExpired(earlier.at, cutoffWhenEnded(later, retentionDays));
      if (isRepeated) await query(`DELETE FROM ${runs} WHERE agent_id = $1 AND seq = $2`, [later.agentId, later.seq]);
      else
        await query(`UPDATE ${runs} SET ${turn} = seq WHERE agent_id = $1 AND seq = $2`, [
          earlier.agentId,
          earlier.seq,
        ]);
    }
  }
}
