import * as z from "zod";
import { decodeVoided, runOf, type VoidedLine } from "../../../adr004/voided-line.ts";
import { readInstant } from "../../../domain/run/time.ts";
import { KaizenError } from "../../../errors.ts";
import type { ForeignLine, Received } from "../../store.ts";
import type { Query } from "../server/database.ts";
import type { Reception } from "./reception.ts";

const thereSchema = z.array(z.object({ id: z.string(), record: z.string() }));

/** Takes in voided runs. Each has one row, in the words with which it was voided last. The agent's row is held. */
export async function receiveVoided(
  query: Query,
  { agentId, database, isDryRun, isUnproven }: Reception,
  lines: readonly ForeignLine[],
): Promise<Received[]> {
  const { isCi, isPerson, mayKeep } = database.rights;
  if (!mayKeep && !isDryRun) {
    throw new KaizenError("READ_ONLY", "Voided runs come in by a login that may void.", {
      hint: "Begin again as a login in kaizen_keeper, or as the owner of the tables.",
    });
  }
  const t = (name: string) => database.table(name);
  const read = lines.map(({ text }) => ({ text, line: voidedIn(text) }));
  const rows = thereSchema.parse(
    await query(`SELECT id, record FROM ${t("voided")} WHERE agent_id = $1 AND id = ANY($2::text[])`, [
      agentId ?? null,
      read.flatMap(({ line }) => line?.id ?? []),
    ]),
  );
  const there = new Map(rows.map(({ id, record }) => [id, record]));
  const results = read.map(({ line, text }, index): Received => {
    if (line === undefined) return "outdated";
    const known = there.get(line.id);
    if (known === text) return "present";
    const isLast = read.findLastIndex((other) => other.line?.id === line.id) === index;
    return isLast && !isLater(known, line) ? "new" : "outdated";
  });
  if (isDryRun) return results;
  const words = JSON.stringify([!isUnproven && isCi, !isUnproven && isPerson]);
  for (const [index, { line, text }] of read.entries()) {
    if (line === undefined || results[index] !== "new") continue;
    const of = line.verifications?.map(() => words).join(",") ?? "";
    await query(`DELETE FROM ${t("voided")} WHERE agent_id = $1 AND id = $2`, [agentId, line.id]);
    // Where its line stood in another log says nothing about this one.
    await query(
      `WITH turn AS (UPDATE ${t("agents")} SET last_void = last_void + 1 WHERE agent_id = $1 RETURNING last_void)
INSERT INTO ${t("voided")} (agent_id, id, seq, orders, run_at, words, record)
SELECT $1::uuid, $2::text, turn.last_void, -1, $3::double precision, $4::text, $5::text FROM turn`,
      [agentId, line.id, runOf(line)?.at ?? null, `[${of}]`, text],
    );
  }
  return results;
}

function isLater(known: string | undefined, { voided_at }: VoidedLine): boolean {
  const there = known === undefined ? undefined : voidedIn(known);
  return there !== undefined && (readInstant(there.voided_at) ?? 0) > (readInstant(voided_at) ?? 0);
}

function voidedIn(text: string): VoidedLine | undefined {
  const line = decodeVoided(Buffer.from(text));
  return line === "blank" ? undefined : line;
}
