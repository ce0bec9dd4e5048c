import { createHash } from "node:crypto";
import { contentHash } from "../../../adr004/content-counts.ts";
import { encodeJson } from "../../../adr004/json-style.ts";
import { recordTexts } from "../../../adr004/record-text.ts";
import { decodeLine } from "../../../adr004/run-line.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { JsonObject } from "../../../domain/text/json.ts";
import type { NewDecision } from "../../shared/batch.ts";

/** A run as it is to be kept. */
export interface RunRow {
  readonly execution: Execution;
  readonly text: string;
  /** Of a run that has neither key nor id: how many say the same, and stand before it. */
  readonly copy: number;
}

/** A key is compared whole, and may have any length and any character: what is kept to find it by has neither. */
export function keyHash(key: string): string {
  return createHash("sha256").update(JSON.stringify(key)).digest("base64url");
}

export function contentKey(record: JsonObject): string {
  return contentHash(record).join("-");
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

/** The columns of runs, each as an array. */
export function columnsOf(rows: readonly RunRow[]): unknown[] {
  const of = <T>(value: (row: RunRow) => T) => rows.map(value);
  return [
    of((_) => 0).map((_, index) => index + 1),
    of(({ execution }) => execution.id ?? null),
    of(({ execution: { key } }) => (key === undefined ? null : keyHash(key))),
    of(({ execution: { id, key, record } }) => (id === undefined && key === undefined ? contentKey(record) : null)),
    of(({ copy }) => copy),
    of(({ execution }) => execution.at ?? null),
    of(({ execution }) => execution.success),
    of(({ execution }) => execution.quality ?? null),
    of(({ execution }) => execution.timeS ?? null),
    of(({ text }) => text),
  ];
}

/** The columns, in the order of `columnsOf`, as a statement that begins with this parameter takes them. */
export function unnested(first: number): string {
  const types = [
    "bigint",
    "text",
    "text",
    "text",
    "bigint",
    "double precision",
    "boolean",
    "double precision",
    "double precision",
    "text",
  ];
  const arrays = types.map((type, index) => `$${first + index}::${type}[]`).join(", ");
  return `unnest(${arrays}) AS n(ord, id, key_hash, content_hash, content_nth, at, success, quality, time_s, record)`;
}

export const RUN_COLUMNS = "id, key_hash, content_hash, content_nth, at, success, quality, time_s, record";
