import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { isPoolerTested, Pgbouncer } from "../support/postgres/pgbouncer.ts";
import { newProject, openPostgres, postgresPlace, teamStore } from "../support/postgres/place.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { describeStore } from "./store.contract.ts";

/** Fewer than the connections that the suites hold at a time: so each transaction is on another one. */
const SERVER_CONNECTIONS = 3;

// The role may make no tables.
describe.skipIf(teamStore === undefined || !isPoolerTested())("behind pgbouncer in transaction mode", () => {
  let pooler: Pgbouncer;
  beforeAll(async () => {
    pooler = await Pgbouncer.before(teamStore ?? "", { default_pool_size: SERVER_CONNECTIONS });
  });
  afterAll(() => pooler?.remove());

  describeStore("postgres behind pgbouncer", () => postgresPlace(pooler.address));

  test("no more connections are let in than it takes: that is told, and goes by", async () => {
    const small = await Pgbouncer.before(teamStore ?? "", { default_pool_size: 1, max_client_conn: 2 });
    onTestFinished(() => small.remove());
    const taken = [new pg.Client(small.address), new pg.Client(small.address)];
    for (const client of taken) await client.on("error", () => {}).connect();
    const { runs } = openPostgres(newProject(), clockAt(), small.address);
    const run = runMaker(clockAt())({ idempotency_key: "k" });
    await expect(appendRun(runs, REVIEWER, run)).rejects.toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringMatching(/what stands before the server refused \(08P01\)/),
    });
    for (const client of taken) await client.end();
    expect((await appendRun(runs, REVIEWER, run)).overview.view.tally.runs).toBe(1);
  });
});
