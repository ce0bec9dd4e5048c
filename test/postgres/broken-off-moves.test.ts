import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { upgrade } from "../../src/storage/postgres/server/upgrade.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import { cleanEnvironment } from "../support/environment.ts";
import { connectTo } from "../support/postgres/admin.ts";
import { CuttingProxy } from "../support/postgres/cutting-proxy.ts";
import type { Machine } from "../support/postgres/machine.ts";
import { teamStore } from "../support/postgres/place.ts";
import { PostgresServer } from "../support/postgres/server.ts";
import { addressAndPassword, teamProject } from "../support/postgres/team-project.ts";
import { bundle } from "../support/server-process.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { filesIn, forEver, writeHistory } from "./moved-history.ts";

let proxy: CuttingProxy | undefined;
afterEach(() => proxy?.close());

/** A project with a history in its folder, whose store is reached through a proxy. */
async function behindProxy(store = teamStore ?? "", runs?: number) {
  const [host] = parseAddress(store).hosts;
  proxy = await CuttingProxy.before(host.port);
  const { address, password } = addressAndPassword(store.replace(/@[^/]+\//, `@127.0.0.1:${proxy.port}/`));
  const team = teamProject();
  writeHistory(team.root, runs);
  const env = { ...team.env, ...forEver, KAIZEN_STORE: address, PGPASSWORD: password };
  expect(await team.here(["store", "trust", "--yes"], { env })).toMatchObject({ status: 0 });
  return { team, env, proxy, was: filesIn(join(team.root, ".kaizen/metrics")) };
}

/** Runs a command in a process that is killed when it sends its n-th message. Gives its status, if it came to its end. */
function killedAt(
  message: number,
  args: readonly string[],
  { env, proxy, team }: Awaited<ReturnType<typeof behindProxy>>,
) {
  const child = spawn(process.execPath, [bundle, ...args], {
    cwd: team.root,
    env: cleanEnvironment(env),
    stdio: "ignore",
  });
  let messages = 0;
  proxy.onRequest = () => {
    messages += 1;
    if (messages === message) child.kill("SIGKILL");
    // What was sent just before may have arrived, or not.
    return messages === message && message % 2 === 0 ? "cut" : "pass";
  };
  return new Promise<number | null>((resolve) => child.on("close", resolve));
}

const importing = ["import", "--from", ".kaizen"];
const inPlace = (team: Machine) => existsSync(join(team.root, ".kaizen/metrics/coder/executions.jsonl"));

async function exported({ env, team }: { env: Readonly<Record<string, string | undefined>>; team: Machine }) {
  const out = join(team.home, `out-${readdirSync(team.home).length}`);
  expect(await team.here(["export", "--to", "jsonl", out], { env })).toMatchObject({ status: 0 });
  return filesIn(out);
}

describe.skipIf(teamStore === undefined)("a move that is broken off", () => {
  test("by a kill, wherever it is, is ended by the next one, and nothing is there twice", async () => {
    const given = await behindProxy();
    const { proxy, team, was } = given;
    let kills = 0;
    // The first messages are the connection's; with the last one it is given back, and everything is done.
    for (let at = 5; inPlace(team) && (await killedAt(at, importing, given)) !== 0; at += 8) kills += 1;
    proxy.onRequest = () => "pass";
    expect(kills).toBeGreaterThan(4);
    expect(inPlace(team)).toBe(false);
    expect((await team.here(importing, given)).stdout).toContain("nothing left to move");
    expect(await exported(given)).toEqual(was);
  });

  test("while the folder is put aside goes on with the rest of it, and is confirmed still", async () => {
    const { env, team, was } = await behindProxy(teamStore, 20);
    expect((await team.here([...importing, "--dry-run"], { env })).status).toBe(0);
    const metrics = join(team.root, ".kaizen/metrics");
    expect((await team.here(["import", metrics], { env })).status).toBe(0);
    const aside = join(team.root, ".kaizen/metrics.moved-before");
    mkdirSync(aside);
    renameSync(join(metrics, "coder"), join(aside, "coder"));
    expect(await team.here(importing, { env })).toMatchObject({ status: 0 });
    expect(readdirSync(metrics)).toEqual([".locks"]);
    const told = await team.here(importing, { env });
    expect(told.stdout).toContain("nothing left to move");
    // All but what the first, another import, has left where it was.
    const there = await exported({ env, team });
    expect(there["coder/executions.jsonl"]).toBe(was["coder/executions.jsonl"]);
    expect(there["seen/lifecycle.jsonl"]).toBe(was["seen/lifecycle.jsonl"]);
  });

  test("by the server's plug is ended once that is back", async () => {
    const server = process.env.KAIZEN_TEST_STORE ? undefined : await PostgresServer.start();
    if (server === undefined) return;
    onTestFinished(() => server.remove());
    await upgrade(await connectTo(server.address()), "kaizen");
    const { env, proxy, team, was } = await behindProxy(server.address());
    let messages = 0;
    let back: Promise<void> | undefined;
    proxy.onRequest = () => {
      messages += 1;
      if (messages === 20) back = server.end().then(() => server.run());
      return "pass";
    };
    const ran = await team.apart(importing, { env });
    await back;
    expect(back).toBeDefined();
    if (ran.status !== 0) {
      expect(ran.stderr).toContain("STORE_UNREACHABLE");
      expect(await team.here(importing, { env })).toMatchObject({ status: 0 });
    }
    expect(inPlace(team)).toBe(false);
    expect(await exported({ env, team })).toEqual(was);
  });

  test("does not mind another process that moves the same folder at the same time", async () => {
    const { env, team, was } = await behindProxy();
    const both = await Promise.all([team.apart(importing, { env }), team.apart(importing, { env })]);
    // The one that comes later may find that the folder is gone while it reads.
    expect(both.map(({ status }) => status)).toContain(0);
    expect((await team.here(importing, { env })).status).toBe(0);
    expect(await exported({ env, team })).toEqual(was);
  });
});

const probe = mountSmallDisk(64);
probe?.remove();

describe.skipIf(teamStore === undefined)("an export of a team's history that is broken off", () => {
  test("by a kill leaves no folder of that name, and the next one is whole", async () => {
    const given = await behindProxy();
    const { proxy, team, was } = given;
    expect((await team.here(importing, given)).status).toBe(0);
    const out = join(team.home, "out");
    for (const at of [6, 9]) {
      expect(await killedAt(at, ["export", "--to", "jsonl", out], given)).toBeNull();
      expect(existsSync(out)).toBe(false);
    }
    proxy.onRequest = () => "pass";
    expect(await exported(given)).toEqual(was);
  });

  test.skipIf(probe === undefined)("by a full disk says so, and leaves nothing there", async () => {
    const { env, team } = await behindProxy();
    expect((await team.here(importing, { env })).status).toBe(0);
    const disk = mountSmallDisk(64);
    if (disk === undefined) throw new Error("a disk could be mounted a moment ago");
    onTestFinished(() => disk.remove());
    const ran = await team.here(["export", "--to", "jsonl", join(disk.path, "out")], { env });
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining("ENOSPC") });
    expect(readdirSync(disk.path)).toEqual([]);
  });
});
