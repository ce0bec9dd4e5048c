import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { teamStore } from "../support/postgres/place.ts";
import { addressAndPassword, confirmedTeamProject, teamProject } from "../support/postgres/team-project.ts";

// Whole histories go in and out, by the commands that people type.

/** As writers of several languages write runs: numbers keep their digits, and what is no run stays where it is. */
const odd = [
  '{"id":"run_00000000000000000000","timestamp":"2026-11-20T10:00:00Z","success":true,"quality_score":0.10,"tokens":1e3,"big":12345678901234567890}',
  '{"agent":"coder","success":false,"timestamp":"2026-11-20T11:00:00.5Z","error":"\\u0000 \\ud800","cost":1.0,"id":"run_1"}',
  '{"success":true,"timestamp":"2026-11-20T12:00:00Z","idempotency_key":"k","x":-0.0,"id":"run_2"}',
  '{"success":true}',
  '{"success":true}',
];

function withFolder(root: string, lines = odd): void {
  const [coder, optimizer] = ["coder", "optimizer"].map((name) => join(root, ".kaizen/metrics", name));
  for (const folder of [coder, optimizer]) mkdirSync(folder ?? "", { recursive: true });
  writeFileSync(join(coder ?? "", "executions.jsonl"), lines.map((line) => `${line}\n`).join(""));
  const entry = { timestamp: "2026-11-20T12:00:00Z", agent: "coder", metrics_count: 1, recommendations: [] };
  const advice = `${JSON.stringify(entry).slice(0, -2)}{"id":"rec_00000000000000000001","title":"t","weight":1.50}]}\n`;
  writeFileSync(join(optimizer ?? "", "recommendations.jsonl"), advice);
}

const bytesOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.jsonl?$/.test(name) && !/summary|\.index/.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );

const forEver = { env: { KAIZEN_RETENTION_DAYS: "0" } };

describe.skipIf(teamStore === undefined)("a history that is moved into a team's store", () => {
  test("comes out of it byte for byte, and its folder is put aside", async () => {
    const team = await confirmedTeamProject();
    withFolder(team.root);
    // What this program wrote stands there too: it was a folder's history before it was a team's.
    const before = teamProject(undefined, { marker: false });
    cpSync(join(team.root, ".kaizen/metrics"), join(before.root, ".kaizen/metrics"), { recursive: true });
    const alone = { env: { KAIZEN_STORE: undefined, KAIZEN_RETENTION_DAYS: "0" } };
    const verify = [
      "verify",
      "coder",
      "run_00000000000000000000",
      "--failure",
      "--by",
      "tests",
      "--evidence",
      "x \u00e9",
    ];
    expect(await before.here(verify, alone)).toMatchObject({ status: 0, stderr: "" });
    expect((await before.here(["record", "tester", "--success", "--quality-score", "0.5"], alone)).status).toBe(0);
    cpSync(join(before.root, ".kaizen/metrics"), join(team.root, ".kaizen/metrics"), { recursive: true });
    const was = bytesOf(join(before.root, ".kaizen/metrics"));
    expect(Object.keys(was)).toContain("coder/verifications.jsonl");
    const figures = (await before.here(["summary", "coder", "--json"], alone)).stdout;

    const dry = await team.here(["import", "--from", ".kaizen", "--dry-run"], forEver);
    expect(dry).toMatchObject({ status: 0 });
    expect(existsSync(join(team.root, ".kaizen/metrics/coder"))).toBe(true);
    const moved = await team.here(["import", "--from", ".kaizen"], forEver);
    expect(moved).toMatchObject({ status: 0 });
    expect(moved.stdout).toContain("put aside as .kaizen/metrics.moved-");
    expect(existsSync(join(team.root, ".kaizen/metrics/coder"))).toBe(false);
    // It is confirmed still, and there is nothing more to move.
    expect((await team.here(["summary", "coder", "--json"], forEver)).stdout).toBe(figures);
    const over = await team.here(["import", "--from", ".kaizen"], forEver);
    expect(over).toEqual({ status: 0, stderr: "", stdout: expect.stringContaining("nothing left to move") });

    const out = join(team.home, "out");
    expect(await team.here(["export", "--to", "jsonl", out], forEver)).toMatchObject({ status: 0 });
    expect(bytesOf(out)).toEqual(was);
    expect((await team.here(["export", "--to", "jsonl", out])).stderr).toContain("is there already");
  });

  test("stays in its folder while anything of it was not taken in", async () => {
    const team = await confirmedTeamProject();
    withFolder(team.root, [...odd, '{"success":tru', '{"success":true,"quality_score":NaN,"id":"run_9"}']);
    const ran = await team.here(["import", "--from", ".kaizen"], forEver);
    expect(ran).toMatchObject({ status: 1 });
    expect(ran.stdout).toContain("The folder stays as it is");
    expect(existsSync(join(team.root, ".kaizen/metrics/coder/executions.jsonl"))).toBe(true);
    const again = await team.here(["import", "--from", ".kaizen", "--json"], forEver);
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: { added: 0 }, put_aside: null });
  });
});

describe.skipIf(teamStore === undefined)("init --store", () => {
  test("writes the marker, has git keep it, confirms what was typed, and takes it back", async () => {
    const team = teamProject(undefined, { marker: false });
    const { address } = addressAndPassword();
    writeFileSync(join(team.root, ".gitignore"), "node_modules\n");
    const init = ["init", "--store", address, "--project", team.project];
    const dry = await team.here([...init, "--dry-run"]);
    expect(dry.stdout).toContain("create  .kaizen/store.json");
    expect(existsSync(join(team.root, ".kaizen/store.json"))).toBe(false);
    expect(await team.here(init)).toMatchObject({ status: 0, stderr: "" });
    const marker = readFileSync(join(team.root, ".kaizen/store.json"), "utf8");
    expect(marker).toBe(`{"store":"postgres","project":${JSON.stringify(team.project)}}\n`);
    expect(readFileSync(join(team.root, ".gitignore"), "utf8")).toContain("/.kaizen/*\n!/.kaizen/store.json\n");
    expect((await team.here(["record", "coder", "--success"])).status).toBe(0);
    expect((await team.here([...init, "--json"])).stdout).toContain('"keep"');
    expect((await team.here(["init", "--store", address, "--project", "acme/other"])).status).toBe(1);
    expect((await team.here([...init, "--remove"])).status).toBe(0);
    expect(existsSync(join(team.root, ".kaizen/store.json"))).toBe(false);
    expect((await team.here(["store", "--json"])).stdout).toContain('"folder"');
  });

  test("prints all the SQL, and connects to nothing for it", async () => {
    const team = teamProject(undefined, { marker: false });
    const line = ["init", "--store", "postgres://u@db.invalid/d?schema=acme", "--project", "a", "--print-sql"];
    const { status, stdout } = await team.here(line);
    expect(status).toBe(0);
    expect(stdout).toContain('CREATE SCHEMA IF NOT EXISTS "acme";');
    for (const role of ["owner", "writer", "keeper", "reader", "ci", "person"])
      expect(stdout).toContain(`kaizen_${role}`);
    expect(existsSync(join(team.root, ".kaizen/store.json"))).toBe(false);
  });

  test("needs a project's name, and takes no flags of a client", async () => {
    const team = teamProject(undefined, { marker: false });
    const { address } = addressAndPassword();
    expect((await team.here(["init", "--store", address])).stderr).toContain("needs --project");
    for (const flag of [["--allow"], ["--client", "cursor"]]) {
      expect((await team.here(["init", "--store", address, "--project", "a", ...flag])).status).toBe(2);
    }
    expect((await team.here(["init", "--client", "cursor", "--project", "a"])).status).toBe(2);
  });
});

describe.skipIf(teamStore === undefined)("what looks after a store", () => {
  test("says which store it is, what the server says, and what the figures are", async () => {
    const team = await confirmedTeamProject();
    await team.here(["record", "coder", "--success"]);
    const where = await team.here(["where", "--json"]);
    expect(JSON.parse(where.stdout)).toMatchObject({
      store: { kind: "postgres", project: team.project, address_by: "KAIZEN_STORE", confirmed: true },
    });
    expect((await team.here(["where"])).stdout).toMatch(/runs +1 /);
    const doctor = JSON.parse((await team.here(["doctor", "--json"])).stdout);
    expect(doctor).toMatchObject({
      reachable: true,
      agents_compared: 1,
      rights: { mayWrite: true },
      schema_version: 1,
    });
    expect(doctor.findings.map(({ what }: { what: string }) => what)).toEqual([
      expect.stringContaining("fsync is off"),
    ]);
    expect((await team.here(["doctor", "--repair"])).status).toBe(2);
    expect((await team.here(["status"])).stdout).toContain("1 agent, 1 run");
    const unconfirmed = teamProject(team.project);
    expect((await unconfirmed.here(["where"])).stdout).toContain("store trust");
    expect((await unconfirmed.here(["status"])).stdout).toContain("is not confirmed");
    expect((await unconfirmed.here(["doctor"])).status).toBe(1);
  });

  test("verify --commit finds the runs of a commit from a checkout that has no logs", async () => {
    const team = await confirmedTeamProject();
    const ran = await team.here(["verify", "--commit", "0".repeat(40), "--success", "--by", "ci"]);
    // There is no such commit here; but the store was asked, and no folder begun.
    expect(ran.stderr).not.toContain("STORE");
    expect(existsSync(join(team.root, ".kaizen/metrics/coder"))).toBe(false);
  });
});
