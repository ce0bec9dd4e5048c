import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { KaizenError } from "../../src/errors.ts";
import { printedSql } from "../../src/storage/postgres/server/schema.ts";
import { upgrade } from "../../src/storage/postgres/server/upgrade.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import type { Store } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import { connectTo } from "../support/postgres/admin.ts";
import { newProject, openPostgres } from "../support/postgres/place.ts";
import { PostgresServer } from "../support/postgres/server.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, mergeVerifications, scanRuns, verifyRun } from "../support/single-calls.ts";

const PASSWORD = "p@ss%word'1";
let server: PostgresServer;

/** A database of its own, and who may log in to it. */
async function newDatabase(settings = ""): Promise<{ database: string; as: (...roles: string[]) => Promise<string> }> {
  const root = await connectTo(server.address());
  const database = `db_${randomUUID().replaceAll("-", "")}`;
  await root(`CREATE DATABASE ${database}`);
  await upgrade(await connectTo(server.address(database)), "kaizen");
  const as = async (...roles: string[]) => {
    const user = `u_${randomUUID().replaceAll("-", "")}`;
    await root(`CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD.replace("'", "''")}'`);
    if (roles.length > 0) await root(`GRANT ${roles.join(", ")} TO ${user}`);
    if (settings !== "") await root(`ALTER ROLE ${user} SET ${settings}`);
    return server.address(database, { user, password: PASSWORD });
  };
  return { database, as };
}

function opened(address: string, project = newProject()): Store {
  return openPostgres(project, clockAt(), address);
}

async function messageOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!(error instanceof KaizenError)) throw new Error(`no error of ours: ${error}`);
  return `${error.code}: ${error.message} ${error.hint}`;
}

// The server is one that a test may stop, and whose roles are ours: so another store's address is of no use here.
describe.skipIf(inject("teamStore") === undefined || process.env.KAIZEN_TEST_STORE)("a server of one's own", () => {
  beforeAll(async () => {
    const started = await PostgresServer.start({
      settings: { max_connections: "30", superuser_reserved_connections: "3" },
    });
    if (started === undefined) throw new Error("there was a server for the other tests");
    server = started;
  });
  afterAll(() => server?.remove());

  test.each(["read committed", "repeatable read", "serializable"])(
    "answers each of many processes right, if every transaction is %s",
    async (level) => {
      const { as } = await newDatabase(`default_transaction_isolation = '${level}'`);
      const address = await as("kaizen_keeper", "kaizen_ci", "kaizen_person");
      const project = newProject();
      const clock = clockAt();
      const makeRun = runMaker(clock);
      const stores = Array.from({ length: 4 }, () => openPostgres(project, clock, address));
      const timestamp = formatInstant(clock.now());
      await Promise.all(
        stores.flatMap(({ evidence, lifecycle, runs }, store) =>
          Array.from({ length: 8 }, async (_, index) => {
            await appendRun(runs, REVIEWER, makeRun({ idempotency_key: `shared ${index}`, notes: "n" }));
            await appendRun(runs, REVIEWER, makeRun({ idempotency_key: `own ${store} ${index}` }));
            await lifecycle.observe(REVIEWER, { key: `shared ${index}`, event: "ended", timestamp });
            await evidence.note(REVIEWER, { key: `shared ${index}`, timestamp, tools: 2 });
          }),
        ),
      );
      const [{ execution } = { execution: undefined }] = await scanRuns((stores[0] as Store).runs, REVIEWER);
      const id = execution?.id ?? "";
      await Promise.all(
        stores.map(({ runs }, index) =>
          verifyRun(runs, REVIEWER, {
            execution_id: id,
            success: index > 1,
            verified_by: "tests",
            timestamp,
            evidence: `${index}`,
          }),
        ),
      );
      for (const { evidence, lifecycle, runs } of stores) {
        const overview = await runs.overview(REVIEWER);
        expect(overview.view.tally.runs).toBe(8 + 4 * 8);
        expect(overview.verified.verified.runs).toBe(1);
        expect((await lifecycle.overview(REVIEWER))?.seen).toMatchObject({ started: 8, ended: 8 });
        expect((await evidence.overview(REVIEWER))?.seen.totals.measured.tools).toEqual({ runs: 8, sum: 16 });
      }
      expect((await scanRuns((stores[0] as Store).runs, REVIEWER))[0]?.verifications).toHaveLength(4);
      await Promise.all(stores.map(({ runs }) => runs.close()));
    },
  );

  test("lets a writer record and take nothing out, a reader read, and a stranger nothing", async () => {
    const { database, as } = await newDatabase();
    const project = newProject();
    const makeRun = runMaker(clockAt());
    const writer = opened(await as("kaizen_writer"), project);
    await appendRun(writer.runs, REVIEWER, makeRun({ idempotency_key: "k" }));
    await writer.lifecycle.observe(REVIEWER, { key: "k", event: "started", timestamp: "2026-11-22T10:00:00Z" });
    await writer.advice.writeAnalysis({ from: "a writer" });
    const voiding = { id: idOf(1), by: "human", reason: "r", timestamp: "2026-11-22T10:00:00Z" } as const;
    expect(await messageOf(Promise.resolve(writer.voiding?.voidRun(REVIEWER, voiding)))).toMatch(
      /^READ_ONLY: .*42501.*kaizen_keeper/,
    );
    expect(await codeOf(Promise.resolve(writer.moving?.remove(REVIEWER)))).toBe("READ_ONLY");
    const query = await connectTo(await as("kaizen_writer")).catch((error: unknown) => error);
    if (typeof query !== "function") throw query;
    for (const statement of [
      "UPDATE kaizen.runs SET record = '{}'",
      "UPDATE kaizen.runs SET success = false",
      "DELETE FROM kaizen.runs",
      "INSERT INTO kaizen.runs (agent_id, seq, success, record, written_by) SELECT agent_id, 99, true, '{}', 'ann' FROM kaizen.agents",
      "UPDATE kaizen.meta SET value = '9'",
      "DROP TABLE kaizen.runs",
    ]) {
      await expect(query(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
    const reader = opened(await as("kaizen_reader"), project);
    expect((await reader.runs.overview(REVIEWER)).view.tally.runs).toBe(1);
    expect(await messageOf(appendRun(reader.runs, REVIEWER, makeRun()))).toMatch(/^READ_ONLY: .*kaizen_writer/);
    expect(await codeOf(appendRun(reader.runs, agentNamed("new"), makeRun()))).toBe("READ_ONLY");
    expect(await codeOf(opened(await as(), project).runs.listAgents())).toBe("STORE_VERSION");
    const keeper = opened(await as("kaizen_keeper"), project);
    await keeper.voiding?.voidRun(REVIEWER, voiding);
    expect((await writer.runs.overview(REVIEWER)).view.tally.runs).toBe(0);
    const root = await connectTo(server.address(database));
    expect(await root("SELECT DISTINCT written_by LIKE 'u_%' AS is_login FROM kaizen.lifecycle")).toEqual([]);
  });

  test("believes CI and a person only from the roles that may speak for them", async () => {
    const { as } = await newDatabase();
    const project = newProject();
    const makeRun = runMaker(clockAt());
    const timestamp = "2026-11-22T10:00:00Z";
    const writer = opened(await as("kaizen_writer"), project);
    for (let run = 0; run < 3; run += 1) await appendRun(writer.runs, REVIEWER, makeRun());
    const word = { execution_id: idOf(1), success: false, verified_by: "ci", timestamp } as const;
    const { run } = await verifyRun(writer.runs, REVIEWER, word);
    expect(run).toMatchObject({ verifications: {}, unproven: { ci: false } });
    expect(await mergeVerifications(writer.runs, REVIEWER, [word])).toEqual(["present"]);
    await verifyRun(opened(await as("kaizen_ci"), project).runs, REVIEWER, { ...word, execution_id: idOf(2) });
    const person = opened(await as("kaizen_person"), project);
    await verifyRun(person.runs, REVIEWER, { ...word, execution_id: idOf(3), verified_by: "human" });
    const { verified } = await writer.runs.overview(REVIEWER);
    expect(verified).toMatchObject({ verified: { runs: 2, successes: 0 }, unproven: { ci: 1, human: 0 } });
    expect([...verified.outcomes]).toEqual([
      [idOf(2), false],
      [idOf(3), false],
    ]);
  });

  test("is upgraded by eight at once, and by what is printed for its administrator", async () => {
    const root = await connectTo(server.address());
    await root("CREATE DATABASE eight");
    const programs = await Promise.all(Array.from({ length: 8 }, () => connectTo(server.address("eight"))));
    const done = await Promise.all(programs.map((query) => upgrade(query, "kaizen")));
    expect(done).toEqual(Array(8).fill({ hasRoles: true }));
    await root("CREATE DATABASE printed");
    const byHand = await connectTo(server.address("printed"));
    await byHand(printedSql("team_2"));
    for (const statement of printedSql("team_2").split(";\n")) await byHand(statement);
    const columns = `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 2`;
    const [first] = programs;
    expect(await byHand(columns, ["team_2"])).toEqual(await first?.(columns, ["kaizen"]));
    const store = opened(`${server.address("printed")}?schema=team_2`);
    expect((await appendRun(store.runs, REVIEWER, runMaker(clockAt())())).overview.view.tally.runs).toBe(1);
  });

  test("gives rights to roles that are there, also by an owner who may make none, and says if there are none", async () => {
    const root = await connectTo(server.address());
    await root("CREATE ROLE owner_of_another LOGIN PASSWORD 'x'");
    await root("CREATE DATABASE another OWNER owner_of_another");
    const owner = await connectTo(server.address("another", { user: "owner_of_another", password: "x" }));
    expect(await upgrade(owner, "kaizen")).toEqual({ hasRoles: true });
    const renamed = (statement: string) =>
      /(?:CREATE|GRANT)/.test(statement) ? statement.replaceAll("kaizen_", "none_") : statement;
    expect(await upgrade((text, values) => owner(renamed(text), values), "more")).toEqual({ hasRoles: false });
  });

  test("says which version it has, if that is not the one for this program", async () => {
    const { database, as } = await newDatabase();
    const root = await connectTo(server.address(database));
    const project = newProject();
    await appendRun(opened(await as("kaizen_writer"), project).runs, REVIEWER, runMaker(clockAt())());
    await root("UPDATE kaizen.meta SET value = '0' WHERE name = 'schema'");
    expect(await messageOf(opened(await as("kaizen_writer"), project).runs.listAgents())).toMatch(
      /^STORE_VERSION: .*version 0.*store upgrade/,
    );
    await root("UPDATE kaizen.meta SET value = '7' WHERE name = 'schema'");
    await root("UPDATE kaizen.meta SET value = '2' WHERE name = 'min_client'");
    const later = opened(await as("kaizen_writer"), project);
    expect((await later.runs.overview(REVIEWER)).view.tally.runs).toBe(1);
    expect(await messageOf(appendRun(later.runs, REVIEWER, runMaker(clockAt(), 1)()))).toMatch(
      /^READ_ONLY: .*writes version 1; it asks for 2.*newer version/,
    );
    await root("CREATE DATABASE empty");
    expect(await codeOf(opened(server.address("empty")).runs.listAgents())).toBe("STORE_VERSION");
  });

  test("has no connection left, a wrong password, no such database: each is told without a word of the password", async () => {
    const { as } = await newDatabase();
    const address = await as("kaizen_writer");
    const store = opened(address);
    const wrong = opened(address.replace(encodeURIComponent(PASSWORD), "wr0ng"));
    const messages = await Promise.all(
      [wrong, opened(server.address("nowhere"))].map(({ runs }) => messageOf(runs.listAgents())),
    );
    expect(messages.map((message) => message.split(" ")[0])).toEqual(Array(2).fill("STORE_UNREACHABLE:"));
    expect(messages.join()).toMatch(/28P01.*3D000/);
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), "wr0ng"])
      expect(messages.join()).not.toContain(secret);
    // The limit of a role is told as that of all is, and no other test frees a connection of it.
    const root = await connectTo(server.address());
    await root(`ALTER ROLE ${parseAddress(address).user} CONNECTION LIMIT 1`);
    const taken = new pg.Client(address);
    await taken.connect();
    expect(await messageOf(store.runs.listAgents())).toMatch(/STORE_UNREACHABLE: .*no connection left \(53300\)/);
    await taken.end();
    expect(await store.runs.listAgents()).toEqual([]);
  });

  test("is killed and started again: what was acknowledged is there, and the same processes go on", async () => {
    const { as } = await newDatabase();
    const address = await as("kaizen_writer");
    const clock = clockAt();
    const project = newProject();
    const makeRun = runMaker(clock);
    const stores = [openPostgres(project, clock, address), openPostgres(project, clock, address)];
    const acknowledged: unknown[] = [];
    const record = async (index: number) => {
      const run = makeRun({ idempotency_key: `k ${index}` });
      await appendRun((stores[index % 2] as Store).runs, REVIEWER, run);
      acknowledged.push(run.record.id);
    };
    await record(0);
    const under = Array.from({ length: 40 }, (_, index) => record(index + 1));
    await record(100);
    await server.end();
    await server.run();
    const results = await Promise.allSettled(under);
    expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
    const ids = (await scanRuns((stores[0] as Store).runs, REVIEWER)).map(({ execution }) => execution.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual([...acknowledged].sort());
    for (const { runs } of stores) expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(42);
  });

  test("keeps everything that a client with a clock years ahead records, and others count what it hides for itself", async () => {
    const { as } = await newDatabase();
    const address = await as("kaizen_writer");
    const project = newProject();
    const makeRun = runMaker(clockAt());
    const store = opened(address, project);
    await appendRun(store.runs, REVIEWER, makeRun());
    const ahead = clockAt(clockAt().now() + 4_000 * DAY_MS);
    const other = openPostgres(project, ahead, address);
    expect((await other.runs.overview(REVIEWER)).view.tally.runs).toBe(0);
    const [ofOther, again] = [runMaker(ahead, 1)({ idempotency_key: "k" }), makeRun({ idempotency_key: "k" })];
    await appendRun(other.runs, REVIEWER, ofOther);
    expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(2);
    expect(await codeOf(Promise.resolve(other.retention?.prune(REVIEWER)))).toBe("READ_ONLY");
    // Who was first is no matter of what a clock says, and neither is the order.
    expect(await appendRun(store.runs, REVIEWER, again)).toMatchObject({ duplicate: true });
    await appendRun(store.runs, REVIEWER, runMaker(clockAt(), 3)());
    expect((await scanRuns(store.runs, REVIEWER)).map(({ execution }) => execution.id)).toEqual([
      idOf(1),
      ofOther.record.id,
      idOf(4),
    ]);
  });

  test("lets a login that may not delete leave what has expired, until a keeper records something", async () => {
    const { as, database } = await newDatabase();
    const clock = clockAt(Date.now() - 60 * DAY_MS);
    const [project, makeRun, notices] = [newProject(), runMaker(clock), [] as string[]];
    const recordBy = async (address: string) => {
      const onNotice = (text: string) => void notices.push(text);
      const { runs } = openPostgres(project, { now: clock.now, onNotice }, address);
      await appendRun(runs, REVIEWER, makeRun());
      const counted = (await runs.overview(REVIEWER)).view.tally.runs;
      await runs.close();
      const [row] = await (await connectTo(server.address(database)))("SELECT count(*)::int AS rows FROM kaizen.runs");
      return { counted, ...row };
    };
    const writer = await as("kaizen_writer");
    await recordBy(writer);
    clock.advanceDays(40);
    expect(await recordBy(writer)).toEqual({ counted: 1, rows: 2 });
    expect(await recordBy(await as("kaizen_keeper"))).toEqual({ counted: 2, rows: 2 });
  });
});
