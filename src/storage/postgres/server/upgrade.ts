import { setTimeout as sleep } from "node:timers/promises";
import type { Query } from "./driver.ts";
import { codeOf } from "./errors.ts";
import { grantStatements, migrations, noteVersion, roleStatements, roles } from "./schema.ts";

/**
 * What says that another program is making the same thing at this moment: it is there, or its place in the catalogue is
 * taken, or was changed. `IF NOT EXISTS` looks before it makes, so it does not keep two from meeting.
 */
const meetings = new Set(["23505", "42P06", "42P07", "42710", "40001", "40P01", "XX000"]);
const MOST_TRIES = 50;
const LONGEST_WAIT_MS = 100;

/** What an upgrade has done. */
export interface Upgraded {
  /** The roles are there and have their rights; a server may not let its database's owner make any. */
  readonly hasRoles: boolean;
}

/** Brings the tables to what this program needs. No lock outlives a statement, so that none can be left behind. */
export async function upgrade(query: Query, schema: string): Promise<Upgraded> {
  for (const step of migrations(schema)) {
    for (const statement of [...step.statements, ...noteVersion(schema, step)]) await done(query, statement);
  }
  try {
    for (const statement of roleStatements()) await done(query, statement, ["42710"]);
    for (const statement of grantStatements(schema)) await done(query, statement);
    return { hasRoles: true };
  } catch (error) {
    // Insufficient privilege, or a role that could not be made.
    if (codeOf(error) === "42501" || codeOf(error) === "42704") return { hasRoles: false };
    throw error;
  }
}

/** Whether the roles of a team are there. */
export async function hasRoles(query: Query): Promise<boolean> {
  return (await query("SELECT 1 FROM pg_roles WHERE rolname = ANY($1::text[])", [roles])).length === roles.length;
}

async function done(query: Query, statement: string, isThere: readonly string[] = []): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await query(statement);
      return;
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (isThere.includes(code)) return;
      if (!meetings.has(code) || tries >= MOST_TRIES) throw error;
      await sleep(Math.random() * Math.min(LONGEST_WAIT_MS, 2 ** tries));
    }
  }
}
