import { parameter } from "./quoting.ts";

/** A step from one version of the tables to the next. It only adds, so that older programs go on. */
export interface Migration {
  readonly number: number;
  /** Each is a transaction of its own, and does nothing where it was done before. */
  readonly statements: readonly string[];
}

/** What this program needs; an older one is served as long as `min_client` lets it. */
export const SCHEMA_VERSION = 1;
export const CLIENT_VERSION = 1;

/** What a line of another program may have, too. */
const MAX_RECORD_BYTES = 4_194_304;
const record = `record text NOT NULL CHECK (octet_length(record) <= ${MAX_RECORD_BYTES})`;
/** By whom and when, in the server's word: no role may say it itself. */
const written = "written_by text NOT NULL DEFAULT session_user, written_at timestamptz NOT NULL DEFAULT now()";

export const TABLES = [
  "meta",
  "agents",
  "runs",
  "checks",
  "lifecycle",
  "evidence",
  "voided",
  "optimizer",
  "advice",
  "folds",
] as const;

/** The tables, in a schema of this name. */
export function migrations(schema: string): readonly Migration[] {
  const t = (name: string) => `"${schema}".${name}`;
  const table = (name: string, columns: string) => `CREATE TABLE IF NOT EXISTS ${t(name)} (${columns})`;
  const index = (name: string, on: string, columns: string, unique = "UNIQUE ") =>
    `CREATE ${unique}INDEX IF NOT EXISTS ${name} ON ${t(on)} (${columns})`;
  const events = (name: string) => [
    table(
      name,
      `agent_id uuid NOT NULL, seq bigint NOT NULL, key_hash text NOT NULL, nth bigint NOT NULL, execution_id text, first_seen double precision NOT NULL, ${record}, ${written}, PRIMARY KEY (agent_id, seq)`,
    ),
    index(`${name}_by_key`, name, "agent_id, key_hash, nth"),
    index(`${name}_by_run`, name, "agent_id, execution_id", ""),
  ];
  return [
    {
      number: 1,
      statements: [
        `CREATE SCHEMA IF NOT EXISTS "${schema}"`,
        table("meta", "name text PRIMARY KEY, value text NOT NULL"),
        table(
          "agents",
          `agent_id uuid NOT NULL PRIMARY KEY, project text NOT NULL, agent text NOT NULL, folded text NOT NULL,
  has_runs boolean NOT NULL DEFAULT false, has_lifecycle boolean NOT NULL DEFAULT false, has_evidence boolean NOT NULL DEFAULT false,
  epoch bigint NOT NULL DEFAULT 0, orders bigint NOT NULL DEFAULT 0, last_seq bigint NOT NULL DEFAULT 0,
  last_check bigint NOT NULL DEFAULT 0, last_void bigint NOT NULL DEFAULT 0,
  lifecycle_epoch bigint NOT NULL DEFAULT 0, last_lifecycle bigint NOT NULL DEFAULT 0,
  evidence_epoch bigint NOT NULL DEFAULT 0, last_evidence bigint NOT NULL DEFAULT 0,
  runs_at timestamptz, lifecycle_at timestamptz, evidence_at timestamptz`,
        ),
        index("agents_by_folded", "agents", "project, folded"),
        table(
          "runs",
          `agent_id uuid NOT NULL, seq bigint NOT NULL, id text, id_turn bigint NOT NULL DEFAULT 0,
  key_hash text, key_turn bigint NOT NULL DEFAULT 0, content_hash text, content_nth bigint NOT NULL DEFAULT 0,
  at double precision, success boolean NOT NULL, quality double precision, time_s double precision,
  ${record}, ${written}, PRIMARY KEY (agent_id, seq)`,
        ),
        index("runs_by_id", "runs", "agent_id, id, id_turn"),
        index("runs_by_key", "runs", "agent_id, key_hash, key_turn"),
        index("runs_by_content", "runs", "agent_id, content_hash, content_nth"),
        table(
          "checks",
          `agent_id uuid NOT NULL, seq bigint NOT NULL, execution_id text NOT NULL, nth bigint NOT NULL, run_at double precision,
  by_ci boolean NOT NULL DEFAULT false, by_person boolean NOT NULL DEFAULT false, ${record}, ${written}, PRIMARY KEY (agent_id, seq)`,
        ),
        index("checks_by_run", "checks", "agent_id, execution_id, nth"),
        ...events("lifecycle"),
        ...events("evidence"),
        table(
          "voided",
          `agent_id uuid NOT NULL, id text NOT NULL, seq bigint NOT NULL, orders bigint NOT NULL, run_at double precision, words text NOT NULL, record text NOT NULL, ${written}, PRIMARY KEY (agent_id, id)`,
        ),
        table("optimizer", "project text NOT NULL PRIMARY KEY, changes bigint NOT NULL, report text"),
        table(
          "advice",
          `project text NOT NULL, seq bigint NOT NULL, kind text NOT NULL, ${record}, ${written}, PRIMARY KEY (project, seq)`,
        ),
        table(
          "folds",
          "agent_id uuid NOT NULL, format text NOT NULL, epoch bigint NOT NULL, seq bigint NOT NULL, state text NOT NULL, PRIMARY KEY (agent_id, format)",
        ),
      ],
    },
  ];
}

/** What notes in the tables how far a step has brought them. */
export function noteVersion(schema: string, { number }: Migration): readonly string[] {
  const note = (name: string, value: string) =>
    `INSERT INTO "${schema}".meta (name, value) VALUES (${parameter(name)}, ${parameter(value)}) ON CONFLICT (name) DO NOTHING`;
  return [
    note("schema", String(number)),
    note("min_client", "1"),
    `UPDATE "${schema}".meta SET value = ${parameter(String(number))} WHERE name = 'schema' AND length(value) <= ${String(number).length} AND value < ${parameter(String(number))}`,
  ];
}

export const roles = [
  "kaizen_owner",
  "kaizen_writer",
  "kaizen_keeper",
  "kaizen_reader",
  "kaizen_ci",
  "kaizen_person",
] as const;

/** The columns that a writer fills in; the others are the server's, or of those whose word counts for more. */
const writable = {
  agents: "agent_id, project, agent, folded",
  runs: "agent_id, seq, id, key_hash, content_hash, content_nth, at, success, quality, time_s, record",
  checks: "agent_id, seq, execution_id, nth, run_at, record",
  lifecycle: "agent_id, seq, key_hash, nth, execution_id, first_seen, record",
  evidence: "agent_id, seq, key_hash, nth, execution_id, first_seen, record",
  optimizer: "project, changes, report",
  advice: "project, seq, kind, record",
} as const;

/** What of a row may change: whose turn it is, and what can be made again. No record does. */
const changeable = {
  agents:
    "agent, has_runs, has_lifecycle, has_evidence, last_seq, last_check, last_lifecycle, last_evidence, runs_at, lifecycle_at, evidence_at",
  runs: "id_turn, key_turn",
  optimizer: "changes, report",
} as const;

/** The roles of a team. Each is made once for a server, and given its rights in each schema. */
export function roleStatements(): readonly string[] {
  return roles.map((role) => `CREATE ROLE ${role} NOLOGIN`);
}

export function grantStatements(schema: string): readonly string[] {
  const t = (name: string) => `"${schema}".${name}`;
  const all = TABLES.map(t).join(", ");
  return [
    `GRANT USAGE ON SCHEMA "${schema}" TO kaizen_reader, kaizen_writer`,
    `GRANT SELECT ON ${all} TO kaizen_reader, kaizen_writer`,
    ...Object.entries(writable).map(([name, columns]) => `GRANT INSERT (${columns}) ON ${t(name)} TO kaizen_writer`),
    ...Object.entries(changeable).map(([name, columns]) => `GRANT UPDATE (${columns}) ON ${t(name)} TO kaizen_writer`),
    "GRANT kaizen_writer TO kaizen_keeper, kaizen_ci, kaizen_person",
    `GRANT INSERT (by_ci) ON ${t("checks")} TO kaizen_ci`,
    `GRANT INSERT (by_person) ON ${t("checks")} TO kaizen_person`,
    // What was summed up is believed by all: so it is kept by those alone whose word counts.
    `GRANT INSERT (agent_id, format, epoch, seq, state), UPDATE (epoch, seq, state) ON ${t("folds")} TO kaizen_person`,
    `GRANT INSERT, UPDATE, DELETE ON ${TABLES.filter((name) => name !== "meta")
      .map(t)
      .join(", ")} TO kaizen_keeper`,
    `GRANT USAGE, CREATE ON SCHEMA "${schema}" TO kaizen_owner`,
  ];
}

/** Conditions that hold once the roles have what `grantStatements` gives them. */
export function rightsOfRoles(schema: string): readonly string[] {
  const t = (name: string) => `'"${schema}".${name}'`;
  return [
    `has_table_privilege('kaizen_reader', ${t("meta")}, 'SELECT')`,
    `has_column_privilege('kaizen_writer', ${t("agents")}, 'last_seq', 'UPDATE')`,
    `has_column_privilege('kaizen_person', ${t("folds")}, 'state', 'UPDATE')`,
    ...["keeper", "ci", "person"].map(
      (role) => `has_column_privilege('kaizen_${role}', ${t("runs")}, 'record', 'INSERT')`,
    ),
    `has_column_privilege('kaizen_ci', ${t("checks")}, 'by_ci', 'INSERT')`,
    `has_column_privilege('kaizen_person', ${t("checks")}, 'by_person', 'INSERT')`,
    `has_table_privilege('kaizen_keeper', ${t("folds")}, 'DELETE')`,
    `has_schema_privilege('kaizen_owner', '${schema}', 'CREATE')`,
  ];
}

/**
 * Everything as one text, for an administrator who lets no program change a database. Each statement ends its line, and no
 * text in it is quoted by dollars: many tools cut a text at each semicolon that is in no plain quotes.
 */
export function printedSql(schema: string): string {
  const steps = migrations(schema).flatMap((step) => [...step.statements, ...noteVersion(schema, step)]);
  const made = roles.map(
    (role) => `DO 'BEGIN CREATE ROLE ${role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END'`,
  );
  return [...steps, ...made, ...grantStatements(schema)].map((statement) => `${statement};\n`).join("");
}
