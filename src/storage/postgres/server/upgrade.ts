import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Query } from "./driver.ts";
import { codeOf } from "./errors.ts";
import { grantStatements, migrations, noteVersion, rightsOfRoles, roleStatements, roles } from "./schema.ts";

/**
 * What says that another program is making the same thing at this moment: it is there, or its place in the catalogue is
 * taken, or was changed. `IF NOT EXISTS` looks before it makes, so it does not keep two from meeting.
 */
const meetings = new Set(["23505", "42P06", "42P07", "42710", "40001", "40P01", "XX000"]);
const MOST_TRIES = 50;
const LONGEST_WAIT_MS = 100;

/** What an upgrade has done. */
export interface Upgraded {
  /** The roles are there and have their rights; a server may not let its database's owner make or give any. */
  readonly hasRoles: boolean;
}

/** Brings the tables to what this program needs. No lock outlives a statement, so that none can be left behind. */
export async function upgrade(query: Query, schema: string): Promise<Upgraded> {
  for (const step of migrations(schema)) {
    for (const statement of [...step.statements, ...noteVersion(schema, step)]) await done(query, statement);
  }
  // A role may be there although this user may make none, and is given its rights then.
  for (const statement of roleStatements()) await done(query, statement, ["42710", ...notAllowed]);
  for (const statement of grantStatements(schema)) await done(query, statement, notAllowed);
  return { hasRoles: await haveRights(query, schema) };
}

/** Insufficient privilege, or a role that is not there. */
const notAllowed = ["42501", "42704"];

/** Asks for what each of the roles needs beyond the others, whether by itself or as a member of another. */
async function haveRights(query: Query, schema: string): Promise<boolean> {
  try {
    const [row] = await query(`SELECT ${rightsOfRoles(schema).join(" AND ")} AS have_rights`);
    return z.object({ have_rights: z.boolean() }).parse(row).have_rights;
  } catch (error) {
    if (notAllowed.includes(codeOf(error) ?? "")) return false;
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
