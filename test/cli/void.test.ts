import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

let root = "";

async function typed(args: readonly string[], env: Record<string, string> = {}) {
  return runCommandHere(args, { root, env });
}

async function answer(...args: readonly string[]) {
  const { status, stderr, stdout } = await typed([...args, "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const log = () => readFileSync(join(root, ".kaizen/metrics/coder/executions.jsonl"), "utf8");
const record = (...more: readonly string[]) => answer("record", "coder", "--success", ...more);

beforeEach(() => {
  root = temporaryFolder();
});

test("a typo is taken back: it counts nowhere, its key is free, and undoing it leaves the log as it was", async () => {
  const { id } = await record("--idempotency-key", "pr-1", "--task", "review");
  await record();
  await answer("verify", "coder", id, "--failure", "--by", "ci");
  const before = { log: log(), summary: await answer("summary", "coder") };
  expect(await answer("void", id, "--reason", "wrong agent", "--dry-run")).toMatchObject({ dry_run: true });
  expect(log()).toBe(before.log);
  expect(await answer("void", id, "--reason", "wrong agent")).toEqual({
    id,
    agent: "coder",
    voided: true,
    dry_run: false,
    reason: "wrong agent",
    voided_at: expect.stringMatching(/^20.*Z$/),
    voided_by: "human",
    via: "cli",
    verifications: 1,
    execution_count: 1,
  });
  expect((await answer("summary", "coder")).stats.verified.runs).toBe(0);
  expect((await answer("executions", "coder")).executions.map((run: { id: string }) => run.id)).not.toContain(id);
  expect((await typed(["doctor"])).status).toBe(0);
  const corrected = await record("--idempotency-key", "pr-1", "--task", "plan");
  expect(corrected.recorded).toBe(true);
  const conflict = await typed(["void", id, "--undo"]);
  expect([conflict.status, conflict.stderr]).toEqual([1, expect.stringContaining(`Void ${corrected.id} first`)]);
  await answer("void", corrected.id, "--reason", "once more");
  expect(await answer("void", id, "--undo")).toMatchObject({ voided: false, reason: "wrong agent" });
  expect([log(), await answer("summary", "coder")]).toEqual([before.log, before.summary]);
});

test("what an agent's shell takes back is unproven, and it puts nothing back that a person took", async () => {
  const { id } = await record();
  const env = { CLAUDECODE: "1" };
  const { stdout } = await typed(["void", id, "--reason", "I did not fail\u001b[2J"], env);
  expect(stdout).toContain("Kept as unproven: CLAUDECODE is set.");
  expect(stdout).not.toContain("\u001b");
  expect((await typed(["show", id])).stdout).toMatch(/Voided +\d{4}-.* claimed by human, via cli: I did not fail/);
  expect(await answer("show", id)).toMatchObject({ voided: { by: "human", unproven: true } });
  expect((await typed(["void", id, "--undo"], env)).status).toBe(0);
  await answer("void", id, "--reason", "a typo");
  expect((await typed(["show", id])).stdout).toMatch(/Voided +\d{4}-.* by human: a typo/);
  expect((await answer("show", id)).voided).not.toHaveProperty("unproven");
  const refused = await typed(["void", id, "--undo"], env);
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("was voided by a person")]);
});

test("the only run of a project is listed by --all after it was voided, and the limit holds for both together", async () => {
  const { id } = await record("--timestamp", hoursAgo(2));
  await answer("void", id, "--reason", "a typo");
  const ids = async (...more: readonly string[]) =>
    (await answer("runs", ...more, "--all")).runs.map(({ run }: { run: { id: string } }) => run.id);
  expect([await ids(), await ids("coder")]).toEqual([[id], [id]]);
  expect((await typed(["runs", "--all"])).stdout).toContain("a typo");
  expect((await typed(["runs"])).stdout).not.toContain(id);
  const { id: second } = await record("--timestamp", hoursAgo(3));
  const { id: third } = await record("--timestamp", hoursAgo(1));
  for (const agent of [[], ["coder"]]) {
    expect(await ids(...agent, "-n", "2")).toEqual([third, id]);
    expect(await ids(...agent)).toEqual([third, id, second]);
    expect((await typed(["runs", ...agent, "-n", "2", "--all"])).stderr).toContain("There are more");
  }
  expect((await typed(["runs", "coder", "--all", "--cursor", "x"])).stderr).toContain("--cursor goes without --all");
});

test.each([
  [["void"], 2, "void needs RUN"],
  [["void", "coder", "--reason", "x"], 2, '"coder" is no id of a run'],
  [["void", `run_${"0".repeat(20)}`], 2, "void needs --reason, or --undo"],
  [["void", `run_${"0".repeat(20)}`, "--reason", " "], 2, "--reason"],
  [["void", `run_${"0".repeat(20)}`, "--reason", "x", "--undo"], 2, "--undo goes without --reason"],
  [["void", `run_${"0".repeat(20)}`, "--reason", "x"], 1, "There is no run"],
  [["void", `run_${"0".repeat(20)}`, "--undo"], 1, "There is no voided run"],
])("%j ends with %i and says why", async (args, status, why) => {
  const ran = await typed(args);
  expect([ran.status, ran.stdout, ran.stderr]).toEqual([status, "", expect.stringContaining(why)]);
});
