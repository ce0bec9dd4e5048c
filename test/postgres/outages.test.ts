import { chownSync, closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import { connectTo } from "../support/postgres/admin.ts";
import { CuttingProxy } from "../support/postgres/cutting-proxy.ts";
import type { Machine } from "../support/postgres/machine.ts";
import { newProject, openPostgres } from "../support/postgres/place.ts";
import { PostgresServer } from "../support/postgres/server.ts";
import { isRoot, NOBODY } from "../support/postgres/system.ts";
import { addressAndPassword, teamProject } from "../support/postgres/team-project.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { appendRun, scanRuns } from "../support/single-calls.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";

let server: PostgresServer;

const report = (key: string) => ({ agent: "coder", success: true, idempotency_key: key });

/** A clone on a machine of its own whose team's store is at an address, and confirmed. */
async function cloneAt(address: string): Promise<{ team: Machine; env: Record<string, string | undefined> }> {
  const { address: shown, password } = addressAndPassword(address);
  const team = teamProject();
  const env = { KAIZEN_STORE: shown, PGPASSWORD: password };
  expect(await team.here(["store", "trust", "--yes"], { env })).toMatchObject({ status: 0 });
  return { team, env: { ...team.env, ...env } };
}

async function serverOf(team: Machine, env: Record<string, string | undefined>): Promise<ServerProcess> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const process = startServer({ args: ["serve"], cwd: team.root, env: given as Record<string, string> });
  await process.initialize();
  return process;
}

// The server is one that a test may stop, so another store's address is of no use here.
describe.skipIf(inject("teamStore") === undefined || process.env.KAIZEN_TEST_STORE)("a server with troubles", () => {
  beforeAll(async () => {
    const started = await PostgresServer.start();
    if (started === undefined) throw new Error("there was a server for the other tests");
    server = started;
  });
  afterAll(() => server?.remove());

  test("that is empty is upgraded by eight at once, and each of them ends well", async () => {
    const root = await connectTo(server.address());
    await root("CREATE DATABASE eight");
    const address = server.address("eight");
    const clones = await Promise.all(Array.from({ length: 8 }, () => cloneAt(address)));
    const ran = await Promise.all(clones.map(({ env, team }) => team.here(["store", "upgrade", "--json"], { env })));
    expect(ran.map(({ status, stderr }) => ({ status, stderr }))).toEqual(Array(8).fill({ status: 0, stderr: "" }));
    for (const { stdout } of ran) expect(JSON.parse(stdout)).toMatchObject({ after: 1, roles: true });
    const [one] = clones;
    expect(await one?.team.here(["doctor"], { env: one.env })).toMatchObject({
      stdout: expect.stringContaining("version 1, as needed"),
    });
  });

  test("that is down at the start, or goes in the middle, is told of by tools; the same process goes on when it is back", async () => {
    await (await connectTo(server.address()))("CREATE DATABASE outage");
    const { env, team } = await cloneAt(server.address("outage"));
    expect(await team.here(["store", "upgrade"], { env })).toMatchObject({ status: 0 });
    await server.end();
    const client = await serverOf(team, env);
    const hook = team.apart(["hook", "session-start", "--limit", "1500"], {
      env,
      stdin: JSON.stringify({ hook_event_name: "SessionStart", session_id: "s", cwd: team.root }),
    });
    // Each waits for as long as a call may take: so they wait together.
    const both = server.address().replace("@127.0.0.1:", `@127.0.0.1:9,127.0.0.1:`);
    const [of, ...told] = await Promise.all([
      openPostgres(newProject(), clockAt(), both).runs.listAgents().catch(String),
      client.callTool("record_execution", report("a")),
      client.callTool("get_summary", { agent: "coder" }),
    ]);
    expect(of).toMatch(/127\.0\.0\.1:9: [^;]*\(ECONNREFUSED\); 127\.0\.0\.1:\d+: [^;]*\(ECONNREFUSED\)/);
    for (const result of told) {
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result)).toMatch(
        /STORE_UNREACHABLE.*127\.0\.0\.1:\d+ cannot be reached: [^;]*\(ECONNREFUSED\).*Nothing was recorded.*See whether the server runs/,
      );
    }
    expect(await hook).toMatchObject({ status: 0, stdout: "" });
    await server.run();
    expect(await client.callTool("record_execution", report("a"))).toMatchObject({
      structuredContent: { recorded: true, execution_count: 1 },
    });
    await server.end();
    const underWay = client.callTool("record_execution", report("b"));
    await server.run();
    expect(await underWay).toMatchObject({ structuredContent: { recorded: true, execution_count: 2 } });
    expect(await client.callTool("record_execution", report("a"))).toMatchObject({
      structuredContent: { duplicate: true, execution_count: 2 },
    });
  });

  test("whose disk is full says so, doubles nothing, and goes on once there is room", async ({ skip }) => {
    const disk = isRoot() ? mountSmallDisk(24_000) : undefined;
    if (disk === undefined) return skip("mounting a disk takes the rights of root, on Linux");
    onTestFinished(() => disk.remove());
    chownSync(disk.path, NOBODY, NOBODY);
    const root = await connectTo(server.address());
    await root(`CREATE TABLESPACE small LOCATION '${disk.path}'`);
    await root("CREATE DATABASE small TABLESPACE small");
    onTestFinished(async () => {
      await root("DROP DATABASE small WITH (FORCE)");
      await root("DROP TABLESPACE small");
    });
    const { env, team } = await cloneAt(server.address("small"));
    expect(await team.here(["store", "upgrade"], { env })).toMatchObject({ status: 0 });
    const makeRun = runMaker(clockAt());
    const { runs } = openPostgres(newProject(), clockAt(), server.address("small"));
    const filler = fillUp(disk);
    const kept: unknown[] = [];
    const large = { notes: "x".repeat(8_000) };
    let refused = makeRun({ ...large, idempotency_key: "k0" });
    let error: unknown;
    for (let ordinal = 1; error === undefined; ordinal += 1) {
      try {
        await appendRun(runs, REVIEWER, refused);
        kept.push(refused.record.id);
        refused = makeRun({ ...large, notes: `${ordinal}`.repeat(4_000), idempotency_key: `k${ordinal}` });
      } catch (reason) {
        error = reason;
      }
    }
    expect(error).toMatchObject({ code: "DISK_FULL", message: expect.stringContaining("53100") });
    expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(kept.length);
    rmSync(filler);
    expect(await appendRun(runs, REVIEWER, refused)).toMatchObject({ duplicate: false });
    expect(await appendRun(runs, REVIEWER, refused)).toMatchObject({ duplicate: true });
    const there = (await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id);
    expect(there).toEqual([...kept, refused.record.id]);
    await runs.close();
  });

  test("is one of two hosts, which are tried in their order", async () => {
    await (await connectTo(server.address()))("CREATE DATABASE hosts");
    const { env, team } = await cloneAt(server.address("hosts"));
    expect(await team.here(["store", "upgrade"], { env })).toMatchObject({ status: 0 });
    const address = server.address("hosts");
    const [{ port }] = parseAddress(address).hosts;
    const [first, second] = [await CuttingProxy.before(port), await CuttingProxy.before(port)];
    onTestFinished(() => {
      for (const proxy of [first, second]) proxy.close();
    });
    const both = address.replace(/@[^/]+\//, `@127.0.0.1:${first.port},127.0.0.1:${second.port}/`);
    const project = newProject();
    const makeRun = runMaker(clockAt());
    const record = async () => {
      const { runs } = openPostgres(project, clockAt(), both);
      const { overview } = await appendRun(runs, REVIEWER, makeRun());
      await runs.close();
      return overview.view.tally.runs;
    };
    expect(await record()).toBe(1);
    expect([first.connections, second.connections]).toEqual([1, 0]);
    first.close();
    expect(await record()).toBe(2);
    expect([first.connections, second.connections]).toEqual([1, 1]);
  });
});

/** Takes all the room that is left. */
function fillUp(disk: SmallDisk): string {
  const path = join(disk.path, "filler");
  const fd = openSync(path, "w");
  try {
    for (const size of [65_536, 4_096]) {
      try {
        for (;;) writeSync(fd, Buffer.alloc(size));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
    }
  } finally {
    closeSync(fd);
  }
  return path;
}
