import * as z from "zod";
import { decodeVoided, encodeVoided, runOf, type VoidedLine } from "../../../adr004/voided-line.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { oneOfSeveral, unknownRun } from "../../refusals.ts";
import type { VoidedEntry } from "../../shared/voided-run.ts";
import type { NewVoiding } from "../../store.ts";
import { keyHash, liveRowOf, readRecord } from "../run-view/run-row.ts";
import type { Database, Query } from "../server/database.ts";

const recordSchema = z.array(z.object({ record: z.string() }));
const checkSchema = z.array(z.object({ record: z.string(), by_ci: z.boolean(), by_person: z.boolean() }));
const wordsSchema = z.array(z.tuple([z.boolean(), z.boolean()]));
const voidedSchema = z.array(z.object({ id: z.string(), orders: z.number(), words: z.string(), record: z.string() }));

/** Which verifications may speak for CI, and for a person: their records do not say it. */
type Words = z.infer<typeof wordsSchema>;

/** A voided run as it stands in its table. */
export interface VoidedRow {
  readonly entry: VoidedEntry;
  readonly line: VoidedLine;
  readonly words: Words;
  /** The order of the log in which it stood where its line says. */
  readonly orders: number;
}

/** A run that is to be voided, with all that is known of it. */
export interface FoundToVoid {
  readonly entry: VoidedEntry;
  readonly words: Words;
  readonly record: string;
  readonly keyHash: string | null;
}

interface AgentOfVoided {
  readonly database: Database;
  readonly agent: string;
  readonly agentId: string;
}

/** Finds a live run and all that is known of it. */
export async function findToVoid(
  query: Query,
  { agent, agentId, database }: AgentOfVoided,
  { by: voided_by, id, timestamp: voided_at, ...why }: NewVoiding,
  cutoff: number,
): Promise<FoundToVoid> {
  const t = (name: string) => database.table(name);
  const run = await liveRowOf(query, t("runs"), [agentId, id, cutoff]);
  const execution = run === undefined ? undefined : readRecord(run.record)?.execution;
  if (run === undefined || execution === undefined) throw unknownRun(agent, id);
  if (run.copies > 1) throw oneOfSeveral(agent, id);
  const hash = execution.key === undefined ? null : keyHash(execution.key);
  const checks = checkSchema.parse(
    await query(
      `SELECT record, by_ci, by_person FROM ${t("checks")} WHERE agent_id = $1 AND execution_id = $2 ORDER BY nth`,
      [agentId, id],
    ),
  );
  const events = async (name: "lifecycle" | "evidence") => {
    const rows = await query(
      `SELECT record FROM ${t(name)} WHERE agent_id = $1 AND (key_hash = $2 OR execution_id = $3) ORDER BY seq`,
      [agentId, hash, id],
    );
    const records = recordSchema.parse(rows).map(({ record }) => record);
    return records.length === 0 ? {} : { [name]: records };
  };
  const line: VoidedLine = {
    ...why,
    agent,
    id,
    line: run.record,
    place: run.seq,
    ...(checks.length === 0 ? {} : { verifications: checks.map(({ record }) => record) }),
    ...(await events("lifecycle")),
    ...(await events("evidence")),
    voided_at,
    voided_by,
  };
  return {
    entry: { execution, lines: [line] },
    words: checks.map(({ by_ci, by_person }) => [by_ci, by_person]),
    record: encodeVoided(line).toString().trimEnd(),
    keyHash: hash,
  };
}

/** The runs that are voided and have not expired, in the order in which they were voided. What the log has counts there. */
export async function readVoided(
  query: Query,
  { agentId, database }: AgentOfVoided,
  cutoff: number,
  id: string | null = null,
): Promise<VoidedRow[]> {
  const t = (name: string) => database.table(name);
  const rows = await query(
    `SELECT id, orders, words, record FROM ${t("voided")} v WHERE agent_id = $1 AND ($2::text IS NULL OR id = $2)
AND NOT EXISTS (SELECT 1 FROM ${t("runs")} r WHERE r.agent_id = v.agent_id AND r.id = v.id AND r.id_turn = 0) ORDER BY seq`,
    [agentId, id],
  );
  return voidedSchema.parse(rows).flatMap(({ orders, record, words }) => {
    const line = decodeVoided(Buffer.from(record));
    const execution = line === undefined || line === "blank" ? undefined : runOf(line);
    if (line === undefined || line === "blank" || execution === undefined || hasExpired(execution.at, cutoff))
      return [];
    const known = wordsSchema.safeParse(JSON.parse(words)).data ?? [];
    return [{ entry: { execution, lines: [line] as const }, line, words: known, orders }];
  });
}
