import pg from "pg";
import type { TestProject } from "vitest/node";
import { upgrade } from "../../../src/storage/postgres/server/upgrade.ts";
import { PostgresServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The address of the team's store of this run, as a role that may do everything but change tables; if there is one. */
    teamStore: string | undefined;
  }
}

const USER = "team";
/** Others of the team, with the same password. Another server than ours may not have them. */
const logins = { ann: "kaizen_writer, kaizen_person", bob: "kaizen_writer", build: "kaizen_ci", wall: "kaizen_reader" };
const TEAM_PASSWORD = "of the team, with % and @";

/**
 * One server for all tests of a run. `KAIZEN_TEST_STORE` names another one, whose user may make a schema. With
 * `KAIZEN_TEST_ISOLATION`, such as "serializable", every transaction of our own is of that level unless it says another.
 */
export default async function startServer(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.KAIZEN_TEST_STORE;
  if (given !== undefined && given !== "") {
    await prepare(given);
    project.provide("teamStore", given);
    return undefined;
  }
  const level = process.env.KAIZEN_TEST_ISOLATION ?? "";
  const settings = level === "" ? {} : { default_transaction_isolation: level };
  const server = await PostgresServer.start({ settings });
  if (server === undefined) {
    const why = "no server for this platform; set KAIZEN_TEST_STORE";
    if (process.env.CI) throw new Error(why);
    process.stderr.write(`the team store is not tested: ${why}\n`);
    project.provide("teamStore", undefined);
    return undefined;
  }
  await prepare(server.address());
  project.provide("teamStore", server.address("postgres", { user: USER, password: TEAM_PASSWORD }));
  return () => server.remove();
}

async function prepare(address: string): Promise<void> {
  const client = new pg.Client({ connectionString: address.replace(/\?.*$/, "") });
  await client.connect();
  const { hasRoles } = await upgrade(
    async (text, values = []) => (await client.query(text, [...values])).rows,
    "kaizen",
  );
  if (hasRoles) {
    for (const [login, roles] of Object.entries({ [USER]: "kaizen_keeper, kaizen_ci, kaizen_person", ...logins })) {
      await client.query(`CREATE ROLE ${login} LOGIN PASSWORD '${TEAM_PASSWORD}'`).catch(() => {});
      await client.query(`GRANT ${roles} TO ${login}`);
    }
    // In which a team begins: there is nothing in it yet.
    await client.query("CREATE DATABASE metrics OWNER ann").catch(() => {});
  }
  await client.end();
}
