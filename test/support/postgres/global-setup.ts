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
const TEAM_PASSWORD = "of the team, with % and @";

/** One server for all tests of a run. `KAIZEN_TEST_STORE` names another one, whose user may make a schema. */
export default async function startServer(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.KAIZEN_TEST_STORE;
  if (given !== undefined && given !== "") {
    await prepare(given);
    project.provide("teamStore", given);
    return undefined;
  }
  const server = await PostgresServer.start();
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
    await client.query(`CREATE ROLE ${USER} LOGIN PASSWORD '${TEAM_PASSWORD}'`).catch(() => {});
    await client.query(`GRANT kaizen_keeper, kaizen_ci, kaizen_person TO ${USER}`);
  }
  await client.end();
}
