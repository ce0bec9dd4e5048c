import * as z from "zod";
import { KaizenError } from "../../../errors.ts";
import { Connections, type PasswordSource, Unreached } from "./connection.ts";
import type { Query } from "./driver.ts";
import { codeOf, LOST, Silence, translateServerError, unreachable, whyNot } from "./errors.ts";
import { Limit, type Pace } from "./limit.ts";
import { type ProjectFigures, projectsIn } from "./projects.ts";
import { type Records, recordsOf } from "./records.ts";
import { CLIENT_VERSION, SCHEMA_VERSION, TABLES } from "./schema.ts";
import { hasRoles, type Upgraded, upgrade } from "./upgrade.ts";
import type { Address } from "./url.ts";
import { lookAtStore, type Rights } from "./version.ts";

export interface ServerOptions {
  readonly address: Address;
  readonly project: string;
  readonly passwordSource: PasswordSource;
  /** The current instant in ms since 1970. */
  readonly now: () => number;
}

/** The versions of the tables, and of the oldest program that may write to them; `undefined` where there are no tables. */
interface Versions {
  readonly schema: number | undefined;
  readonly minClient: number | undefined;
  readonly needed: number;
  readonly client: number;
}

interface Table {
  readonly name: string;
  /** Of the project, if the table tells. */
  readonly rows: number;
  /** With indexes, of all projects; `undefined` if the server does not say. */
  readonly bytes: number | undefined;
}

/** What a server says of itself, as far as it does. */
export interface ServerLook {
  readonly server: string;
  readonly user: string;
  readonly database: string;
  /** Whether the connection is encrypted, by the word of the server. */
  readonly tls: boolean | undefined;
  readonly versions: Versions;
  readonly rights: Rights | undefined;
  /** Why the tables cannot be used. */
  readonly problem: KaizenError | undefined;
  /** How far the server's clock is ahead of this machine's, in ms. */
  readonly clockAheadMs: number;
  /** How long the statement that asked took, in ms: the clocks are not known better than that. */
  readonly roundTripMs: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly standbys: { readonly all: number; readonly synchronous: number } | undefined;
  readonly tables: readonly Table[];
}

const settings = ["fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names"];

/** Makes what is not there yet of the tables and roles. Nothing else does: neither a server nor a hook nor a command. */
export function upgradeServer(options: ServerOptions): Promise<Upgraded & { readonly before: number | undefined }> {
  return connected(options, "long", "making the tables", async (query) => {
    const { schema } = options.address;
    const before = (await versionsIn(query, schema)).schema;
    try {
      return { ...(await upgrade(query, schema)), before };
    } catch (error) {
      // Who may make nothing need not, if all is there.
      const isMade = (before ?? 0) >= SCHEMA_VERSION && codeOf(error) === "42501";
      if (isMade) return { before, hasRoles: await hasRoles(query) };
      throw error;
    }
  });
}

/** Asks a server what there is to be known of it. What it does not tell this role is left out. */
export function lookAtServer(options: ServerOptions): Promise<ServerLook> {
  const { address, now, project } = options;
  return connected(options, "onward", "looking at the server", async (query) => {
    const startedAt = performance.now();
    const { at, ...who } = whoSchema.parse(
      (
        await query(
          "SELECT current_setting('server_version') AS server, session_user::text AS user, current_database()::text AS database, extract(epoch FROM clock_timestamp())::double precision * 1000 AS at",
        )
      )[0],
    );
    const roundTripMs = performance.now() - startedAt;
    const versions = await versionsIn(query, address.schema);
    const rights = await lookAtStore(query, address.schema).catch((error: unknown) => {
      if (error instanceof KaizenError) return error;
      throw error;
    });
    const isUsable = !(rights instanceof KaizenError);
    return {
      ...who,
      versions,
      rights: isUsable ? rights : undefined,
      problem: isUsable ? undefined : rights,
      clockAheadMs: at - (now() - roundTripMs / 2),
      roundTripMs,
      tls: await tlsOf(query),
      settings: await settingsOf(query),
      standbys: await standbysOf(query),
      tables: isUsable ? await tablesOf(query, address.schema, project) : [],
    };
  });
}

/** The projects that have runs, those at work last first. */
export function listProjects(options: ServerOptions): Promise<readonly ProjectFigures[]> {
  const { schema } = options.address;
  return connected(options, "onward", "listing the projects", (query) => projectsIn(query, schema));
}

/** Hands over every record of the project, some at a time; `take` is waited for. */
export function walkRecords(options: ServerOptions, take: (some: Records) => Promise<void>): Promise<void> {
  const { address, project } = options;
  return connected(options, "onward", "reading the records", async (query) => {
    for await (const some of recordsOf(query, address.schema, project)) await take(some);
  });
}

const whoSchema = z.object({ server: z.string(), user: z.string(), database: z.string(), at: z.number() });
const metaSchema = z.array(z.object({ name: z.string(), value: z.string() }));

async function versionsIn(query: Query, schema: string): Promise<Versions> {
  const rows = metaSchema.parse((await ifTold(query, `SELECT name, value FROM "${schema}".meta`)) ?? []);
  const numberOf = (name: string) => {
    const row = rows.find((one) => one.name === name);
    return row === undefined ? undefined : Number(row.value);
  };
  return {
    schema: numberOf("schema"),
    minClient: numberOf("min_client"),
    needed: SCHEMA_VERSION,
    client: CLIENT_VERSION,
  };
}

/** Behind a pooler it is the pooler's connection that is told of. */
async function tlsOf(query: Query): Promise<boolean | undefined> {
  const rows = await ifTold(query, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  return z.tuple([z.object({ ssl: z.boolean() })]).safeParse(rows).data?.[0].ssl;
}

async function settingsOf(query: Query): Promise<Record<string, string>> {
  const rows = await ifTold(query, "SELECT name, setting AS value FROM pg_settings WHERE name = ANY($1::text[])", [
    settings,
  ]);
  return Object.fromEntries((metaSchema.safeParse(rows).data ?? []).map(({ name, value }) => [name, value]));
}

async function standbysOf(query: Query): Promise<ServerLook["standbys"]> {
  // Who may not look at them is told of each that it is there, and of none how it stands.
  const rows = await ifTold(
    query,
    "SELECT count(*)::int AS all, count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))::int AS synchronous FROM pg_stat_replication",
  );
  return z.tuple([z.object({ all: z.number(), synchronous: z.number() })]).safeParse(rows).data?.[0];
}

const ofProject = new Set(["optimizer", "advice"]);
const tableSchema = z.object({ rows: z.number(), bytes: z.number().nullable() });

async function tablesOf(query: Query, schema: string, project: string): Promise<Table[]> {
  const t = (name: string) => `"${schema}".${name}`;
  const tables: Table[] = [];
  for (const name of TABLES.filter((one) => one !== "meta")) {
    const isOfProject = name === "agents" || ofProject.has(name);
    const from = isOfProject ? `${t(name)} a` : `${t(name)} r JOIN ${t("agents")} a ON a.agent_id = r.agent_id`;
    const count = (bytes: string) =>
      `SELECT count(*)::double precision AS rows, ${bytes} AS bytes FROM ${from} WHERE a.project = $1`;
    const [row] =
      (await ifTold(query, count(`pg_total_relation_size('${t(name)}')::double precision`), [project])) ??
      (await query(count("NULL::double precision"), [project]));
    const { bytes, rows } = tableSchema.parse(row);
    tables.push({ name, rows, bytes: bytes ?? undefined });
  }
  return tables;
}

/** The rows; `undefined` if the server does not have such a thing, or does not let this role see it. */
async function ifTold(
  query: Query,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly object[] | undefined> {
  try {
    return await query(text, values);
  } catch (error) {
    const state = codeOf(error);
    // Syntax error or access rule violation; invalid name; not supported.
    if (state !== undefined && /^(?:42|3F|0A|22)/.test(state)) return undefined;
    throw error;
  }
}

async function takesWrites(query: Query): Promise<boolean> {
  const rows = await query("SELECT current_setting('transaction_read_only') = 'on' AS reads_only");
  return !z.tuple([z.object({ reads_only: z.boolean() })]).parse(rows)[0].reads_only;
}

async function connected<T>(
  { address, passwordSource: password }: ServerOptions,
  pace: Pace,
  doing: string,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const connections = new Connections({
    address,
    password,
    applicationName: "kaizen-metrics",
    onConnected: takesWrites,
  });
  try {
    return await connections.use(new Limit(pace), work);
  } catch (error) {
    if (error instanceof Unreached) throw unreachable(connections.hosts, error);
    const told = translateServerError(error, doing);
    throw told === error && !(error instanceof KaizenError)
      ? unreachable(connections.hosts, error instanceof Silence ? whyNot(error) : LOST)
      : told;
  } finally {
    connections.close();
  }
}
