import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

test("an agent that cannot be pruned keeps no other from it, and is named", async () => {
  const root = temporaryFolder();
  const at = new Date(Date.now() - 50 * 86_400_000).toISOString();
  for (const agent of ["planner", "tester"])
    await runCommandHere(["record", agent, "--success", "--timestamp", at], { root });
  const lock = join(root, ".kaizen", "metrics", ".locks", "planner.lock");
  mkdirSync(lock);
  const prune = (...args: string[]) => runCommandHere(["prune", "--all", "--retention-days", "30", ...args], { root });
  const { status, stdout, stderr } = await prune();
  expect({ status, stdout }).toEqual({ status: 1, stdout: "agent   removed  kept\ntester        1     0\n" });
  expect(stderr).toContain(`planner was left as it is: ${lock} is not a plain file`);
  expect(JSON.parse((await prune("--json")).stdout)).toMatchObject({
    agents: [{ agent: "tester", removed: 0, kept: 0 }],
    failures: [{ agent: "planner", code: "UNSAFE_PATH", message: expect.stringContaining(lock) }],
  });
});

test("where no agent could be pruned there is no table", async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, ".kaizen", "metrics", "tester", "executions.jsonl"), { recursive: true });
  const { status, stdout, stderr } = await runCommandHere(["prune", "--all"], { root });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain("tester was left as it is: ");
});

test("what a dry run says is what a prune then does", async () => {
  const root = temporaryFolder();
  const now = Date.now();
  const days = (count: number) => new Date(now - count * 86_400_000).toISOString();
  for (const [agent, ages] of [
    ["planner", [100, 50, 3]],
    ["tester", [1]],
  ] as const) {
    for (const age of ages) await runCommandHere(["record", agent, "--success", "--timestamp", days(age)], { root });
  }
  const log = join(root, ".kaizen", "metrics", "planner", "executions.jsonl");
  const before = readFileSync(log, "utf8");
  const prune = (...args: string[]) => runCommandHere(["prune", "--all", "--retention-days", "30", ...args], { root });
  const dry = JSON.parse((await prune("--dry-run", "--json")).stdout);
  expect(readFileSync(log, "utf8")).toBe(before);
  expect(dry).toEqual({
    agents: [
      { agent: "planner", removed: 2, kept: 1 },
      { agent: "tester", removed: 0, kept: 1 },
    ],
    removed: 2,
    kept: 2,
    dry_run: true,
    failures: [],
  });
  expect((await prune()).stdout).toBe("agent    removed  kept\nplanner        2     1\ntester         0     1\n");
  expect(readFileSync(log, "utf8")).toBe(before.split("\n").slice(2).join("\n"));
  // What was taken out is on no disk, under no other name either.
  expect(readdirSync(dirname(log)).sort()).toEqual(["executions.jsonl", "summary.json"]);
});

test("an agent that no list has, for a folder or link stands in the place of its log, is named by a prune of all", async () => {
  const root = temporaryFolder();
  await runCommandHere(["record", "tester", "--success"], { root });
  const metrics = join(root, ".kaizen", "metrics");
  mkdirSync(join(metrics, "aaa", "executions.jsonl"), { recursive: true });
  mkdirSync(join(metrics, "zzz"));
  symlinkSync("/nowhere", join(metrics, "zzz", "executions.jsonl"));
  symlinkSync("/nowhere", join(metrics, "linked"));
  // Nobody's: it hides no agent.
  writeFileSync(join(metrics, "notes"), "");
  for (const args of [[], ["--dry-run"]]) {
    const { status, stdout } = await runCommandHere(["prune", "--all", "--json", ...args], { root });
    expect(status).toBe(1);
    const unsafe = ["aaa", "linked", "zzz"].map((agent) => ({
      agent,
      code: "UNSAFE_PATH",
      message: expect.stringContaining(join(metrics, agent)),
    }));
    expect(JSON.parse(stdout)).toMatchObject({ agents: [{ agent: "tester" }], failures: unsafe });
  }
});
