import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Ran } from "../support/command.ts";
import { teamStore } from "../support/postgres/place.ts";
import { addressAndPassword, confirmedTeamProject, teamProject } from "../support/postgres/team-project.ts";
import { startServer } from "../support/server-process.ts";

// A password may be in the environment and in the files that a person puts it into, and nowhere else.

const SECRET = "s3cr3t-of-nobody";

/** Every file below a folder, as text. */
const textsBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

const saidBy = ({ stderr, stdout }: Ran) => stdout + stderr;

const commands: readonly (readonly string[])[] = [
  ["store"],
  ["store", "--json"],
  ["store", "trust", "--yes"],
  ["store", "upgrade"],
  ["where"],
  ["where", "--json"],
  ["doctor"],
  ["doctor", "--json"],
  ["status"],
  ["record", "coder", "--success"],
  ["summary", "coder", "--json"],
  ["export", "--to", "jsonl", "out"],
  ["init", "--store", "postgres://u@127.0.0.1:9/d", "--project", "a"],
];

test("no answer and no file has the password, also if the address is wrong in any way", async () => {
  const addresses = [
    `postgres://u:${SECRET}@127.0.0.1:9/d`,
    `postgres://u:${SECRET}@127.0.0.1:9/d?sslmode=wrong`,
    `postgres://u:${SECRET}@127.0.0.1:9/d?password=${SECRET}`,
    `postgres://u:${SECRET}%ZZ@127.0.0.1:9/d`,
    `postgres://u:${SECRET}@[::1/d`,
    `postgres://${SECRET}@`,
    `mysql://u:${SECRET}@h/d`,
  ];
  const { apart, here, home, root } = teamProject("acme/api");
  for (const address of addresses) {
    const env = { KAIZEN_STORE: address, PGPASSWORD: SECRET };
    for (const line of [
      ["store"],
      ["store", "trust", "--yes"],
      ["where", "--json"],
      ["doctor"],
      ["store", "upgrade", "--json"],
    ]) {
      expect(saidBy(await here(line, { env }))).not.toContain(SECRET);
    }
  }
  const env = { KAIZEN_STORE: addresses[0], PGPASSWORD: SECRET };
  const stdin = JSON.stringify({ cwd: root, agent_id: "a1", agent_type: "coder" });
  expect(saidBy(await apart(["hook", "subagent-start", "--limit", "2000"], { env, stdin }))).not.toContain(SECRET);
  expect([...textsBelow(home), ...textsBelow(root)].join("\n")).not.toContain(SECRET);
});

describe.skipIf(teamStore === undefined)("a password that is used", () => {
  test("is in no answer, no file and no process list", async () => {
    const { password } = addressAndPassword();
    const encoded = encodeURIComponent(password);
    const team = await confirmedTeamProject();
    const env = { KAIZEN_STORE: teamStore };
    const said: string[] = [];
    for (const line of commands) said.push(saidBy(await team.here(line, { env })));
    const server = startServer({ cwd: team.root, env: { HOME: team.home, KAIZEN_STORE: teamStore ?? "" } });
    await server.initialize();
    said.push(JSON.stringify(await server.callTool("record_execution", { agent: "coder", success: true })));
    said.push(JSON.stringify(await server.callTool("write_analysis", { agents: [] })));
    said.push(server.stderr);
    const listed = process.platform === "linux" ? readFileSync(`/proc/${server.child.pid}/cmdline`, "utf8") : "";
    for (const secret of [password, encoded]) {
      expect([...said, listed, ...textsBelow(team.home), ...textsBelow(team.root)].join("\n")).not.toContain(secret);
    }
  });
});
