import * as z from "zod";
import type { EventJournal } from "../../../adr004/catalogue.ts";
import { parseForeignObject } from "../../../adr004/foreign-json.ts";
import { firstSeenIn } from "../../../domain/run/runs-by-key.ts";
import { evidenceEvents } from "../../shared/run-events/evidence-events.ts";
import { lifecycleEvents } from "../../shared/run-events/lifecycle-events.ts";
import type { ForeignLine, Received } from "../../store.ts";
import { executionIdIn } from "../events/run-events.ts";
import { keyHash } from "../run-view/run-row.ts";
import type { Query } from "../server/database.ts";
import type { Reception } from "./reception.ts";

const kinds = { lifecycle: lifecycleEvents, evidence: evidenceEvents };
const thereSchema = z.array(z.object({ key_hash: z.string(), nth: z.number(), record: z.string() }));

interface EventRow {
  readonly keyHash: string;
  readonly executionId: string | null;
  readonly firstSeenAt: number;
  readonly text: string;
}

/** Takes in events of an agent's runs that are not there yet, behind those that are. The agent's row is held. */
export async function receiveEvents(
  query: Query,
  { agentId, database, isDryRun }: Reception,
  journal: EventJournal,
  lines: readonly ForeignLine[],
): Promise<Received[]> {
  const t = (name: string) => database.table(name);
  const rows = lines.map(({ text }) => rowOf(journal, text));
  const there = thereSchema.parse(
    await query(
      `SELECT key_hash, nth, record FROM ${t(journal)} WHERE agent_id = $1 AND key_hash = ANY($2::text[]) ORDER BY nth`,
      [agentId ?? null, [...new Set(rows.map((row) => row.keyHash))]],
    ),
  );
  const copies = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { key_hash, nth, record } of there) {
    copies.set(record, (copies.get(record) ?? 0) + 1);
    last.set(key_hash, nth);
  }
  const results = lines.map(({ earlierCopies, text }): Received => {
    return (copies.get(text) ?? 0) > earlierCopies ? "present" : "new";
  });
  const added = rows.filter((_, index) => results[index] === "new");
  if (isDryRun || added.length === 0) return results;
  const nths = added.map((row) => {
    const nth = (last.get(row.keyHash) ?? 0) + 1;
    last.set(row.keyHash, nth);
    return nth;
  });
  const of = <T>(value: (row: EventRow) => T) => added.map(value);
  await query(
    `WITH turn AS (UPDATE ${t("agents")} SET last_${journal} = last_${journal} + $2::bigint, has_${journal} = true, ${journal}_at = now()
WHERE agent_id = $1 RETURNING last_${journal} - $2::bigint AS base)
INSERT INTO ${t(journal)} (agent_id, seq, key_hash, nth, execution_id, first_seen, record)
SELECT $1::uuid, turn.base + n.ord, n.key_hash, n.nth, n.execution_id, n.first_seen, n.record
FROM turn, unnest($3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::double precision[], $8::text[])
AS n(ord, key_hash, nth, execution_id, first_seen, record)`,
    [
      agentId,
      added.length,
      added.map((_, index) => index + 1),
      of((row) => row.keyHash),
      nths,
      of(({ executionId }) => executionId),
      of(({ firstSeenAt }) => firstSeenAt),
      of(({ text }) => text),
    ],
  );
  return results;
}

/** What a later version of this program wrote is kept as well, under its key if it has one; when it expires only that version knows. */
function rowOf(journal: EventJournal, text: string): EventRow {
  const event = kinds[journal].decode(Buffer.from(text));
  if (event === undefined || event === "blank") {
    const key = parseForeignObject(text)?.key;
    const hash = keyHash(typeof key === "string" ? key : text);
    return { keyHash: hash, executionId: null, firstSeenAt: Number.POSITIVE_INFINITY, text };
  }
  return { keyHash: keyHash(event.key), executionId: executionIdIn(event), firstSeenAt: firstSeenIn(event), text };
}
