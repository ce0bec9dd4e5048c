import * as z from "zod";
import { hasExpired } from "../../../domain/run/retention.ts";
import type { Database, Query } from "../server/database.ts";

const lastSchema = z.object({ last_seq: z.number() });
const placeSchema = z.array(z.object({ seq: z.number(), at: z.number().nullable() }));

const ROWS = 10_000;

/** Puts an agent's runs in the order of time: those from the first on that stands wrong get new numbers. The agent's row is held. */
export async function sortRuns(query: Query, database: Database, agentId: string, cutoff: number): Promise<boolean> {
  const t = (name: string) => database.table(name);
  const [row] = await query(`SELECT last_seq FROM ${t("agents")} WHERE agent_id = $1 FOR UPDATE`, [agentId]);
  const { last_seq } = lastSchema.parse(row);
  const moved = await misplacedRuns(query, database, agentId, cutoff);
  if (moved.length === 0) return false;
  for (let from = 0; from < moved.length; from += ROWS) {
    const part = moved.slice(from, from + ROWS);
    await query(
      `UPDATE ${t("runs")} AS r SET seq = n.now FROM unnest($2::bigint[], $3::bigint[]) AS n(before, now) WHERE r.agent_id = $1 AND r.seq = n.before`,
      [agentId, part, part.map((_, index) => last_seq + from + index + 1)],
    );
  }
  await query(`UPDATE ${t("agents")} SET last_seq = $2, orders = orders + 1, epoch = epoch + 1 WHERE agent_id = $1`, [
    agentId,
    last_seq + moved.length,
  ]);
  return true;
}

/**
 * The numbers of the runs from the first on that stands wrong, in the order of time. One that has expired, or says no
 * time, stays behind the one before it.
 */
export async function misplacedRuns(
  query: Query,
  database: Database,
  agentId: string,
  cutoff: number,
): Promise<number[]> {
  const runs: { readonly seq: number; readonly at: number }[] = [];
  let before = Number.NEGATIVE_INFINITY;
  let isSorted = true;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const rows: z.infer<typeof placeSchema> = placeSchema.parse(
      await query(
        `SELECT seq, at FROM ${database.table("runs")} WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT ${ROWS}`,
        [agentId, after],
      ),
    );
    for (const { at, seq } of rows) {
      const time = at === null || hasExpired(at, cutoff) ? before : at;
      if (time < before) isSorted = false;
      runs.push({ seq, at: time });
      before = time;
    }
    after = rows.length < ROWS ? undefined : rows.at(-1)?.seq;
  }
  if (isSorted) return [];
  // Before every time there is nothing, so that two such are told apart by no difference.
  const sorted = runs.toSorted((a, b) => (a.at === b.at ? 0 : a.at - b.at));
  return sorted.slice(sorted.findIndex((run, index) => run !== runs[index])).map(({ seq }) => seq);
}
