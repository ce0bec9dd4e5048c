import type { Verifier } from "../../../domain/verification/verification.ts";
import { KaizenError } from "../../../errors.ts";
import { isText, isTruth, nullable, objectOf } from "../../shared/form.ts";
import { expectRow, type Query } from "./driver.ts";
import { codeOf } from "./errors.ts";
import { CLIENT_VERSION, SCHEMA_VERSION } from "./schema.ts";

/** What the role of this program may do in the tables. */
export interface Rights {
  /** Its word for CI, or for a person, counts. */
  readonly isCi: boolean;
  readonly isPerson: boolean;
  readonly mayWrite: boolean;
  /** The version that a program needs to write, if that is not this one. */
  readonly asksFor: number | undefined;
  /** The server takes writes: it is no standby, say. */
  readonly takesWrites: boolean;
  /** May take out what is there. */
  readonly mayKeep: boolean;
  /** May save what was summed up, which every other process believes. */
  readonly maySave: boolean;
}

interface StoreRow {
  readonly schema: string | null;
  readonly min_client: string | null;
  readonly is_ci: boolean;
  readonly is_person: boolean;
  readonly may_write: boolean;
  readonly may_keep: boolean;
  readonly reads_only: boolean;
}

const isStoreRow = objectOf<StoreRow>({
  schema: nullable(isText),
  min_client: nullable(isText),
  is_ci: isTruth,
  is_person: isTruth,
  may_write: isTruth,
  may_keep: isTruth,
  reads_only: isTruth,
});

const missing = new Set(["3F000", "42P01", "42703", "42501"]);

/**
 * Looks at a new connection: whether the tables are those that this program knows, and what its role may do. Fails with
 * `STORE_VERSION` if they are too old for it, or will not take it any more.
 */
export async function lookAtStore(query: Query, schema: string): Promise<Rights> {
  const row = await readRow(query, schema);
  const version = Number(row.schema ?? 0);
  if (version < SCHEMA_VERSION) {
    throw new KaizenError(
      "STORE_VERSION",
      `The store's tables have version ${version}; this program needs ${SCHEMA_VERSION}.`,
      {
        hint: "Let its owner run `kaizen-metrics store upgrade`.",
      },
    );
  }
  const minClient = Number(row.min_client ?? 0);
  const isTooOld = minClient > CLIENT_VERSION;
  return {
    isCi: row.is_ci,
    isPerson: row.is_person,
    takesWrites: !row.reads_only,
    asksFor: isTooOld ? minClient : undefined,
    mayWrite: row.may_write && !isTooOld,
    mayKeep: row.may_keep && !isTooOld,
    maySave: (row.is_person || row.may_keep) && !isTooOld,
  };
}

/** Whether the role's word as such a verifier counts. */
export function speaksFor({ isCi, isPerson }: Rights, verifier: Verifier): boolean {
  return verifier === "ci" ? isCi : verifier === "human" ? isPerson : true;
}

/** Fails for a role that only reads, and for a program so old that it would write what others no longer understand. */
export function assertMayWrite({ asksFor, mayWrite }: Rights): void {
  if (asksFor !== undefined) {
    throw new KaizenError(
      "READ_ONLY",
      `The team's store takes no writes of this program, which writes version ${CLIENT_VERSION}; it asks for ${asksFor}.`,
      { hint: "Install a newer version of kaizen-metrics. This one still reads." },
    );
  }
  if (mayWrite) return;
  throw new KaizenError("READ_ONLY", "This program's role may read the team's store, and may not write to it.", {
    hint: "Connect as a role that is in kaizen_writer.",
  });
}

async function readRow(query: Query, schema: string): Promise<StoreRow> {
  const t = (name: string) => `"${schema}".${name}`;
  const may = (table: string, right: string) => `has_table_privilege('${t(table)}', '${right}')`;
  const mayFill = (column: string) => `has_column_privilege('${t("checks")}', '${column}', 'INSERT')`;
  try {
    const [row] = await query(
      `SELECT (SELECT value FROM ${t("meta")} WHERE name = 'schema') AS schema,
 (SELECT value FROM ${t("meta")} WHERE name = 'min_client') AS min_client,
 ${mayFill("by_ci")} AS is_ci, ${mayFill("by_person")} AS is_person,
 has_column_privilege('${t("runs")}', 'record', 'INSERT') AS may_write, ${may("runs", "DELETE")} AS may_keep,
 current_setting('transaction_read_only') = 'on' AS reads_only`,
    );
    return expectRow(isStoreRow, row);
  } catch (error) {
    if (!missing.has(codeOf(error) ?? "")) throw error;
    throw new KaizenError(
      "STORE_VERSION",
      `The database has no store of kaizen-metrics that this role can read, in the schema ${schema}.`,
      {
        hint: "Let its owner run `kaizen-metrics init --store`, or give the role what kaizen_writer has.",
      },
    );
  }
}
