import { hash } from "node:crypto";
import * as z from "zod";
import { contentHash } from "../../../adr004/content-counts.ts";
import { encodeJson } from "../../../adr004/json-style.ts";
import { recordTexts } from "../../../adr004/record-text.ts";
import { decodeLine } from "../../../adr004/run-line.ts";
import { type Execution, identitiesOf } from "../../../domain/run/execution.ts";
import type { JsonObject } from "../../../domain/text/json.ts";
import type { NewDecision } from "../../shared/batch.ts";
import type { Query } from "../server/driver.ts";

/** A run as it is to be kept. */
export interface RunRow {
  readonly execution: Execution;
  readonly text: string;
  /** Of a run that has neither key nor id of ours: the how-manieth it is of those that say the same; 0 of any other. */
  readonly copy: number;
}

/** A key is compared whole, and may have any length and any character: what is kept to find it by has neither. */
export function keyHash(key: string): string {
  return hash("sha256", JSON.stringify(key), "base64url");
}

export function contentKey(record: JsonObject): string {
  return contentHash(record).join("-");
}

/** How many live rows say exactly what a row `r` does, of those that nothing else tells apart. */
export function copiesOf(runs: string): string {
  return `(SELECT count(*) FROM ${runs} c WHERE c.agent_id = r.agent_id AND c.content_hash = r.content_hash) AS copies`;
}

const liveRowSchema = z.object({ seq: z.number(), record: z.string(), copies: z.number() });

/** The row of an agent's run that has an id, and is live at a cutoff (ms). */
export async function liveRowOf(
  query: Query,
  runs: string,
  [agentId, id, cutoff]: readonly [agentId: string, id: string, cutoff: number],
): Promise<z.infer<typeof liveRowSchema> | undefined> {
  const [row] = await query(
    `SELECT seq, record, ${copiesOf(runs)} FROM ${runs} r WHERE agent_id = $1 AND id = $2 AND id_turn = 0 AND (at IS NULL OR at >= $3)`,
    [agentId, id, cutoff],
  );
  return row === undefined ? undefined : liveRowSchema.parse(row);
}

/** A report is kept in our style; what came from elsewhere as its writer wrote it. */
export function textOf({ run: { origin, record } }: NewDecision): string {
  return origin === undefined ? encodeJson(record) : origin.text;
}

/** The run of a record, and the record as JSON that every program reads; `undefined` if none can be read there. */
export function readRecord(record: string): { readonly execution: Execution; readonly text: string } | undefined {
  const bytes = Buffer.from(record);
  const line = decodeLine(bytes);
  const [execution] = line.executions;
  if (execution === undefined || line.executions.length > 1) return undefined;
  return { execution, text: recordTexts(bytes, line)[0] ?? record };
}

/** What is kept of a run, in the order in which a statement says it, and what an engine calls its type. */
const columns: readonly (readonly [name: string, type: string, of: (row: RunRow) => unknown])[] = [
  // One run of an id counts by it. The others are found by what they say.
  ["id", "text", ({ copy, execution }) => (copy <= 1 ? execution.id : null)],
  ["key_hash", "text", ({ execution: { key } }) => (key === undefined ? null : keyHash(key))],
  [
    "content_hash",
    "text",
    ({ execution }) => (identitiesOf(execution).length === 0 ? contentKey(execution.record) : null),
  ],
  ["content_nth", "bigint", ({ copy }) => copy],
  ["at", "double precision", ({ execution }) => execution.at ?? null],
  ["success", "boolean", ({ execution }) => execution.success],
  ["quality", "double precision", ({ execution }) => execution.quality ?? null],
  ["time_s", "double precision", ({ execution }) => execution.timeS ?? null],
  ["record", "text", ({ text }) => text],
];

export const RUN_COLUMNS = columns.map(([name]) => name).join(", ");

/** Some runs as a statement says them whose next parameter has this number. */
export interface GivenRuns {
  /** Which of them it is, from 1, and its columns. */
  readonly ordinal: string;
  readonly values: string;
  /** What both are said from, if they are. */
  readonly from: readonly string[];
  readonly parameters: readonly unknown[];
}

/** One run is said as it is: arrays of one value would take a server half as long again. */
export function given(rows: readonly RunRow[], first: number): GivenRuns {
  const [row] = rows;
  if (row !== undefined && rows.length === 1) {
    const values = columns.map(([, type], index) => `$${first + index}::${type}`).join(", ");
    const parameters = columns.map(([, , of]) => of(row));
    return { ordinal: "1", values, from: [], parameters };
  }
  const arrays = columns.map(([, type], index) => `$${first + 1 + index}::${type}[]`).join(", ");
  return {
    ordinal: "n.ord",
    values: columns.map(([name]) => `n.${name}`).join(", "),
    from: [`unnest($${first}::bigint[], ${arrays}) AS n(ord, ${RUN_COLUMNS})`],
    parameters: [rows.map((_, index) => index + 1), ...columns.map(([, , of]) => rows.map(of))],
  };
}
