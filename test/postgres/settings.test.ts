import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type OpenOptions, openKaizen, openProject } from "../../src/open-kaizen.ts";
import { parseAddress } from "../../src/storage/postgres/server/url.ts";
import { passwordsFrom } from "../../src/team/passwords.ts";
import { temporaryFolder } from "../support/places.ts";
import { connectTo } from "../support/postgres/admin.ts";
import { teamStore } from "../support/postgres/place.ts";
import { isRoot, NOBODY } from "../support/postgres/system.ts";
import { addressAndPassword, confirmedTeamProject, teamProject } from "../support/postgres/team-project.ts";
import { startServer } from "../support/server-process.ts";

// As people and clients choose a store: each test with a clone and a home of its own.

const record = ["record", "coder", "--success"];
const payload = (root: string) => JSON.stringify({ cwd: root, agent_id: "a1b2c3", agent_type: "coder" });

const filesOf = (root: string) => existsSync(join(root, ".kaizen/metrics/coder"));

test("if the marker stands and nothing says where the store is, every door says so, and no file is begun", async () => {
  const { apart, here, root } = teamProject("acme/api");
  const env = { KAIZEN_STORE: undefined };
  const ran = await here([...record, "--json"], { env });
  expect(ran.status).toBe(1);
  expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: "NO_STORE" } });
  expect(ran.stderr).toContain("acme/api");
  const hook = await apart(["hook", "subagent-start", "--limit", "30000"], { env, stdin: payload(root) });
  expect(hook).toMatchObject({ status: 0, stdout: "" });
  expect(hook.stderr).toContain("nothing says where that is");
  const server = startServer({ cwd: root, env: { HOME: join(root, ".kaizen") } });
  await server.initialize();
  const result = await server.callTool("record_execution", { agent: "coder", success: true });
  expect(JSON.stringify(result)).toContain("NO_STORE");
  const wrong: object = { root };
  for (const [name, call] of Object.entries({ openKaizen, openProject })) {
    const message = expect.stringContaining(`${name} needs \`projectRoot\``);
    await expect((async () => call(wrong as OpenOptions))()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message,
    });
  }
  expect(() => openKaizen({ projectRoot: root })).toThrow(expect.objectContaining({ code: "NO_STORE" }));
  expect(filesOf(root)).toBe(false);
});

test("a client that is connected to a clone of a team's project is told how it comes to the address", async () => {
  const { here } = teamProject("acme/api");
  const said = await here(["init", "--client", "cursor", "--json"], { env: { KAIZEN_STORE: undefined } });
  expect(JSON.parse(said.stdout).next[0]).toMatch(
    /set KAIZEN_STORE, without a password, where the client is started from/,
  );
});

test("a marker that cannot be read sends no run into files", async () => {
  for (const text of ["{", '{"store":"other","project":"a"}', '{"store":"postgres"}', " ".repeat(5000)]) {
    const { here, root } = teamProject("acme/api", { marker: false });
    writeFileSync(join(root, ".kaizen/store.json"), text);
    expect((await here([...record, "--json"])).stderr).toContain("NO_STORE");
    expect(filesOf(root)).toBe(false);
  }
  const { here, home, root } = teamProject("acme/api", { marker: false });
  writeFileSync(join(home, "elsewhere.json"), '{"store":"postgres","project":"acme/api"}');
  symlinkSync(join(home, "elsewhere.json"), join(root, ".kaizen/store.json"));
  expect((await here(record)).stderr).toContain("it is a link");
});

test("an address without a marker is for other projects, unless it was typed", async () => {
  const { here, root } = teamProject("acme/api", { marker: false });
  expect(await here(record)).toMatchObject({ status: 0 });
  expect(filesOf(root)).toBe(true);
  expect((await here(["store"])).stdout).toContain("KAIZEN_STORE is for projects with .kaizen/store.json");
  const { address } = addressAndPassword("postgres://u:p@127.0.0.1/d");
  const typed = await here([...record, "--store", address]);
  expect(typed).toMatchObject({ status: 1 });
  expect(typed.stderr).toContain("nothing names the project");
});

test("a password that is typed is refused, and not repeated", async () => {
  const { here } = teamProject("acme/api");
  for (const address of ["postgres://u:s3cr3t@h/d", "postgres://u@h/d?password=s3cr3t", "postgres://u:s3cr3t@x@h/d"]) {
    const ran = await here(["summary", "--store", address]);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain("--store takes no password");
    expect(ran.stdout + ran.stderr).not.toContain("s3cr3t");
  }
});

test.each([
  ["KAIZEN_STORE", "postgres:/u:s3cr3t@h/d", "is no address of a store"],
  ["KAIZEN_PROJECT", "a b", "is no name of a project"],
])(
  "a %s that cannot be meant is named, is not how a command is used, and is repeated as far as it is no secret",
  async (name, value, why) => {
    const { here } = teamProject("acme/api");
    const ran = await here(["summary"], { env: { KAIZEN_STORE: "postgres://u@h/d", [name]: value } });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(new RegExp(`${name} is set, and cannot be used\\..*${why}`));
    expect(ran.stdout + ran.stderr).not.toMatch(/Usage|s3cr3t/);
  },
);

test("what came with a clone and was not confirmed is not connected to, by hooks neither", async () => {
  // Nothing listens there: whatever were sent, the answer would be another one.
  const env = { KAIZEN_STORE: "postgres://u@127.0.0.1:9/d", PGPASSWORD: "s3cr3t" };
  const { apart, here, root } = teamProject("acme/api");
  const ran = await here(record, { env });
  expect(ran.stderr).toContain("is not confirmed for this folder on this machine");
  const hook = await apart(["hook", "session-start", "--limit", "30000"], { env, stdin: payload(root) });
  expect(hook).toMatchObject({ status: 0, stdout: "" });
  expect(hook.stderr).toContain("store trust");
  expect((await here(["store", "trust"], { env, stdin: "" })).stdout).toContain("Nothing was confirmed");
  expect((await here(["store"], { env })).status).toBe(1);
  expect(await here(["store", "trust", "--yes"], { env })).toMatchObject({ status: 0 });
  expect((await here(["store", "upgrade", "--json"], { env })).stderr).toContain("STORE_UNREACHABLE");
  for (const [name, other] of [
    ["the hosts", { KAIZEN_STORE: "postgres://u@127.0.0.2:9/d" }],
    ["the database", { KAIZEN_STORE: "postgres://u@127.0.0.1:9/e" }],
    ["the schema", { KAIZEN_STORE: "postgres://u@127.0.0.1:9/d?schema=other" }],
    ["TLS", { KAIZEN_STORE: "postgres://u@127.0.0.1:9/d?sslmode=require" }],
    ["the project", { KAIZEN_PROJECT: "acme/other" }],
    ["the password file", { KAIZEN_STORE_PASSWORD_FILE: "/etc/passwd" }],
  ] as const) {
    expect((await here(record, { env: { ...env, ...other } })).stderr).toContain(
      `differs from what was confirmed in ${name}.`,
    );
  }
  expect((await here(["store", "trust", "--revoke"], { env })).stdout).toContain("confirmed no more");
  expect((await here(record, { env })).stderr).toContain("is not confirmed");
});

test.skipIf(!isRoot()).each([
  [0, 0o644, undefined],
  [0, 0o440, undefined],
  [0, 0o664, "others may write to it"],
  [NOBODY, 0o600, undefined],
  [NOBODY, 0o640, "others may read it"],
  [NOBODY - 1, 0o644, "belongs to another user"],
])(
  "a file of user %i with mode %o is a password file, unless others may change it or read what is a person's",
  async (owner, mode, why) => {
    const file = join(temporaryFolder(), "password");
    writeFileSync(file, "s3cr3t\n");
    chownSync(file, owner, owner);
    chmodSync(file, mode);
    vi.spyOn(process, "geteuid").mockReturnValue(NOBODY);
    onTestFinished(() => void vi.restoreAllMocks());
    const address = parseAddress("postgres://u@h/d");
    const read = async () => passwordsFrom(address, { KAIZEN_STORE_PASSWORD_FILE: file }, undefined)(address.hosts[0]);
    if (why === undefined) expect(await read()).toBe("s3cr3t");
    else await expect(read()).rejects.toMatchObject({ code: "NO_STORE", message: expect.stringContaining(why) });
  },
);

test("what was confirmed for one folder holds for no other", async () => {
  const env = { KAIZEN_STORE: "postgres://u@127.0.0.1:9/d" };
  const one = teamProject("acme/api");
  await one.here(["store", "trust", "--yes"], { env });
  const other = teamProject("acme/api");
  const sameHome = { ...env, HOME: one.home };
  expect((await other.here(record, { env: sameHome })).stderr).toContain("is not confirmed");
});

describe.skipIf(teamStore === undefined)("a team's store that was confirmed", () => {
  test("has one history for two machines, and nothing of it is in their folders", async () => {
    const one = await confirmedTeamProject();
    const two = await confirmedTeamProject(one.project);
    expect(await one.apart([...record, "--quality-score", "0.9"])).toMatchObject({ status: 0, stderr: "" });
    expect((await two.here(["record", "coder", "--failure", "--error-type", "E"])).status).toBe(0);
    const [first, second] = [
      await one.apart(["summary", "coder", "--json"]),
      await two.here(["summary", "coder", "--json"]),
    ];
    expect(first.stdout).toBe(second.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ execution_count: 2 });
    const start = await one.apart(["hook", "subagent-start", "--limit", "30000"], { stdin: payload(one.root) });
    expect(start.stdout).toContain("1 of 2");
    expect([filesOf(one.root), filesOf(two.root)]).toEqual([false, false]);
  });

  test("gets its password from a file, also behind links that lead elsewhere later, from ~/.pgpass, or from the address", async () => {
    const team = await confirmedTeamProject();
    const { password } = addressAndPassword();
    // As a cluster mounts a secret, and renews it.
    const mounted = join(team.home, "secret");
    for (const [name, text] of [
      ["..1", password],
      ["..2", `${password}\n`],
      ["..3", `${password}\nmore\n`],
    ] as const) {
      mkdirSync(join(mounted, name), { recursive: true });
      writeFileSync(join(mounted, name, "password"), text, { mode: 0o600 });
    }
    const renew = (name: string) => {
      rmSync(join(mounted, "..data"), { force: true });
      symlinkSync(name, join(mounted, "..data"));
    };
    renew("..1");
    symlinkSync("..data/password", join(mounted, "password"));
    const env = { PGPASSWORD: undefined, KAIZEN_STORE_PASSWORD_FILE: join(mounted, "password") };
    expect((await team.here(record, { env })).stderr).toContain("differs from what was confirmed in the password file");
    await team.here(["store", "trust", "--yes"], { env });
    expect(await team.here(record, { env })).toMatchObject({ status: 0 });
    renew("..2");
    expect(await team.here(record, { env })).toMatchObject({ status: 0 });
    renew("..3");
    expect((await team.here(record, { env })).stderr).toContain("has not one line");
    const none = { PGPASSWORD: undefined };
    await team.here(["store", "trust", "--yes"], { env: none });
    expect((await team.here(record, { env: none })).status).toBe(1);
    const escaped = password.replaceAll(/[\\:]/g, "\\$&");
    const pgpass = join(team.home, ".pgpass");
    writeFileSync(pgpass, `# ours\nother:*:*:*:x\n127.0.0.1:*:*:*:${escaped}\n`, { mode: 0o640 });
    const refused = await team.here(record, { env: none });
    expect(refused.stderr).toContain(`${pgpass} is ignored, since others may read it: chmod 600 ${pgpass}`);
    chmodSync(pgpass, 0o600);
    expect(await team.here(record, { env: none })).toMatchObject({ status: 0 });
    const inAddress = { PGPASSWORD: "wrong", KAIZEN_STORE: teamStore };
    expect(await team.here(record, { env: inAddress })).toMatchObject({ status: 0 });
  });

  test("refuses a writer's import before anything was added, and its prune once for all agents", async () => {
    const bob = await confirmedTeamProject(undefined, { user: "bob" });
    for (const agent of ["coder", "reviewer"]) expect((await bob.here(["record", agent, "--success"])).status).toBe(0);
    const stdin = '{"agent":"coder","success":true,"timestamp":"2026-01-01T00:00:00Z"}\n';
    const imported = await bob.here(["import", "-", "--json"], { stdin });
    expect(imported.status).toBe(1);
    expect(JSON.parse(imported.stderr)).toMatchObject({
      error: {
        code: "READ_ONLY",
        message: expect.stringContaining("nothing was added"),
        hint: expect.stringMatching(/kaizen_keeper/),
      },
    });
    expect(JSON.parse((await bob.here(["summary", "coder", "--json"])).stdout).execution_count).toBe(1);
    const pruned = await bob.here(["prune", "--all"]);
    expect(pruned).toMatchObject({ status: 1, stdout: "" });
    expect(pruned.stderr.match(/kaizen_keeper/g)).toHaveLength(1);
  });

  test("finds by doctor what sums say otherwise than rows, of verified runs too, and what this login can do about it", async () => {
    const team = await confirmedTeamProject();
    const bob = await confirmedTeamProject(team.project, { user: "bob" });
    const id = JSON.parse((await team.here([...record, "--json"])).stdout).id;
    await team.here(["verify", "coder", id, "--failure", "--by", "tests"]);
    const now = new Date().toISOString();
    const stdin = Array.from({ length: 300 }, (_, n) =>
      JSON.stringify({ agent: "coder", id: `r${n}`, success: true, timestamp: now }),
    );
    expect((await team.here(["import", "-"], { stdin: `${stdin.join("\n")}\n` })).status).toBe(0);
    expect((await bob.here(["doctor"])).stdout).not.toContain("The figures of");
    const query = await connectTo(teamStore ?? "");
    const ofProject = "agent_id = (SELECT agent_id FROM kaizen.agents WHERE project = $1)";
    const rows = await query(`SELECT state FROM kaizen.folds WHERE ${ofProject}`, [team.project]);
    const [{ state }] = rows as [{ state: string }];
    const wrong = JSON.parse(state);
    wrong.verified.total.successes += 1;
    await query(`UPDATE kaizen.folds SET state = $2 WHERE ${ofProject}`, [team.project, JSON.stringify(wrong)]);
    const said = "say that 1 of 1 verified runs succeeded; its rows say 0 of 1";
    expect(await bob.here(["doctor"])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(new RegExp(`${said}.*Let a login in kaizen_keeper delete its row`)),
    });
    expect((await team.here(["doctor"])).stdout).toMatch(new RegExp(`${said}.*Delete its row in "kaizen"`));
  });

  test("keeps what a folder has that held runs before, untouched and unread", async () => {
    const team = await confirmedTeamProject();
    mkdirSync(join(team.root, ".kaizen/metrics/old"), { recursive: true });
    writeFileSync(join(team.root, ".kaizen/metrics/old/executions.jsonl"), '{"success":true}\n');
    expect((await team.here(["agents", "--json"])).stdout).not.toContain("old");
    expect(readFileSync(join(team.root, ".kaizen/metrics/old/executions.jsonl"), "utf8")).toBe('{"success":true}\n');
  });

  test("takes no upgrade if all is there, also of a login that may make nothing", async () => {
    const team = await confirmedTeamProject();
    const ran = await team.here(["store", "upgrade", "--json"]);
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ before: 1, after: 1, roles: true });
    const printed = await team.here(["store", "upgrade", "--print-sql"]);
    expect(printed.stdout).toContain("CREATE TABLE IF NOT EXISTS");
    expect(printed.stdout).toContain("kaizen_keeper");
  });
});
