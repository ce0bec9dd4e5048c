import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { idOf, recordsOf, timestampOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";

const env = { KAIZEN_RETENTION_DAYS: "0" };
const root = realpathSync(mkdtempSync(join(tmpdir(), "kaizen-runs-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(agent: string, records: readonly JsonObject[]): void {
  const folder = join(root, ".kaizen", "metrics", agent);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "executions.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}

const say = (...args: string[]) => runCommandHere(args, { root, env });
const json = async (...args: string[]) => JSON.parse((await say(...args, "--json")).stdout);
const linesOf = (stdout: string) => stdout.trimEnd().split("\n").slice(1);

beforeAll(async () => {
  write("writer", recordsOf("++++-+++"));
  // An hour's runs of another agent, each half an hour later than the writer's.
  const later = (ordinal: number) => ({ timestamp: timestampOf(ordinal).replace(":00:00Z", ":30:00Z") });
  write(
    "planner",
    recordsOf("+-+", (ordinal) => ({ ...later(ordinal), id: `run_${"a".repeat(19)}${ordinal}` })),
  );
  for (const [id, outcome, by] of [
    [idOf(7), "--failure", "ci"],
    [idOf(5), "--success", "tests"],
    [idOf(6), "--success", "ci"],
  ] as const) {
    const said = await say("verify", "writer", id, outcome, "--by", by, "--evidence", "3 of 41 tests fail");
    expect(said).toMatchObject({ status: 0 });
  }
});

test("the runs of all agents stand in the order of time, with the outcome that counts and who checked it", async () => {
  const { stdout } = await say("runs", "-n", "5");
  expect(linesOf(stdout).map((line) => line.trimEnd().replaceAll(/ {2,}/g, "|"))).toEqual([
    expect.stringMatching(/^\d{4}-11-01 07:00\|writer\|success\|/),
    expect.stringMatching(/^\d{4}-11-01 06:00\|writer\|failure\|ci disagreed\|/),
    expect.stringMatching(/^\d{4}-11-01 05:00\|writer\|success\|ci agreed\|/),
    expect.stringMatching(/^\d{4}-11-01 04:00\|writer\|success\|tests disagreed\|/),
    expect.stringMatching(/^\d{4}-11-01 03:00\|writer\|success\|/),
  ]);
  const all = await json("runs");
  expect(all.runs.map(({ agent }: { agent: string }) => agent).slice(-6)).toEqual([
    "planner",
    "writer",
    "planner",
    "writer",
    "planner",
    "writer",
  ]);
});

test("--failure finds the runs that were refuted, and --success only those that count as one", async () => {
  const failures = await json("runs", "writer", "--failure");
  expect(failures.runs).toMatchObject([{ success: false, claimed: true, verified_by: "ci", run: { id: idOf(7) } }]);
  const successes = await json("runs", "writer", "--success");
  expect(successes.runs.map(({ run }: { run: { id: string } }) => run.id)).toEqual([8, 6, 5, 4, 3, 2, 1].map(idOf));
  // The old name goes by what the runs said of themselves.
  const old = await json("executions", "writer", "--failure");
  expect(old.executions).toMatchObject([{ id: idOf(5) }]);
});

test("a cursor goes on behind the last run that was shown, whatever the outcome picks", async () => {
  const ids: string[] = [];
  for (let more: string[] = []; ; ) {
    const { next_cursor, runs } = await json("runs", "writer", "--success", "--last", "2", ...more);
    ids.push(...runs.map(({ run }: { run: { id: string } }) => run.id));
    if (next_cursor === null) break;
    more = ["--cursor", next_cursor];
  }
  expect(ids).toEqual([8, 6, 5, 4, 3, 2, 1].map(idOf));
  expect(await say("runs", "--cursor", "x")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("goes with AGENT"),
  });
  expect(await say("runs", "--last", "2", "--limit", "3")).toMatchObject({ status: 2 });
  expect(await say("runs", "nobody")).toMatchObject({ status: 1, stdout: "" });
  expect(await runCommandHere(["runs"], { root: temporaryFolder(), env })).toMatchObject({
    status: 0,
    stdout: "No agent has recorded a run in this project yet.\n",
  });
});

test("times are taken as people say them, and shown by the clock of the machine", async () => {
  const now = new Date().toISOString().slice(0, 19);
  write("today", [{ timestamp: `${now}Z`, success: true }]);
  const some = async (...args: string[]) => (await json("runs", "today", ...args)).runs.length;
  for (const since of ["1h", "7d", "2w", "yesterday", now.slice(0, 10)]) expect(await some("--since", since)).toBe(1);
  expect(await some("--until", "24h")).toBe(0);
  expect((await say("runs", "--since", "last week")).stderr).toContain("7d");
  const shown = async (...args: string[]) =>
    (await runCommand(["runs", "writer", "-n", "1", ...args], { root, env: { ...env, TZ: "Asia/Tokyo" } })).stdout;
  expect(await shown()).toMatch(/-11-01 16:00 /);
  expect(await shown("--utc")).toMatch(/-11-01 07:00 /);
  expect(await shown("--json")).toContain("-11-01T07:00:00Z");
  // What is shown may be typed back. The newest run is at 07:00 UTC, 16:00 in Tokyo.
  const isFound = async (since: string, ...args: string[]) => {
    const found = JSON.parse(
      await shown("--json", "--since", since.replace("DAY", timestampOf(8).slice(0, 10)), ...args),
    );
    return found.runs.length === 1;
  };
  for (const since of ["DAY", "DAY 16:00", "DAYT16:00:00", "DAYT07:00:00Z", "DAY 16:00+09:00"]) {
    expect([since, await isFound(since)]).toEqual([since, true]);
  }
  expect([await isFound("DAY 16:01"), await isFound("DAYT07:00:01Z")]).toEqual([false, false]);
  expect([await isFound("DAY 07:00", "--utc"), await isFound("DAY 07:01", "--utc")]).toEqual([true, false]);
});

test("show has everything about a run, whatever agent's it is, and about a recommendation", async () => {
  const { stdout } = await say("show", idOf(7));
  expect(stdout).toMatch(
    /Agent +writer\n[\s\S]*Outcome +failure, ci disagreed\nChecks +.* failure by ci: 3 of 41 tests fail\n/,
  );
  expect(await json("show", idOf(7))).toMatchObject({
    agent: "writer",
    success: false,
    verifications: [{ verified_by: "ci" }],
  });
  expect(await say("show", `run_${"f".repeat(20)}`)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("kaizen-metrics runs"),
  });
  expect((await say("show", "writer")).stderr).toContain("kaizen-metrics summary writer");
  const advice = { report: {}, recommendations: [{ agent: "writer", title: "Plan first", detail: "It helps" }] };
  const written = await runCommandHere(["analysis", "--write", "-"], { root, env, stdin: JSON.stringify(advice) });
  const [id = ""] = /rec_\w+/.exec(written.stdout) ?? [];
  await say("recommendations", "update", id, "--status", "rejected", "--note", "Not now");
  const shown = (await say("show", id)).stdout;
  expect(shown).toMatch(/^Plan first\n\nId +rec_[\s\S]*Detail +It helps\n[\s\S]*proposed\n.*rejected: Not now\n$/);
});

test("other names work or say what is meant, and a line that cannot be meant is shown with its usage", async () => {
  for (const [other, name] of [
    ["stats", "summary"],
    ["log", "runs"],
    ["list", "agents"],
    ["ls", "agents"],
  ] as const) {
    expect({ other, ...(await say(other, "--utc")) }).toEqual({ other, ...(await say(name, "--utc")) });
  }
  expect((await say("version")).stdout).toBe((await say("--version")).stdout);
  expect((await say("uninstall")).stderr).toContain("kaizen-metrics init --remove");
  for (const flags of [
    ["--last", "5"],
    ["-n", "5"],
    ["--limit", "5"],
  ]) {
    expect(await say("summary", "writer", ...flags)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/not a flag of summary: .*--since 7d.*runs -n 20/),
    });
  }
  expect((await say("report")).stderr).toContain("kaizen-metrics summary");
  const { status, stderr } = await say("agents", "--sort", "best");
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/\nUsage: kaizen-metrics agents \[--sort name\|.*worst\]\n/),
  });
  expect((await say("sumary")).stderr).toMatch(
    /did you mean summary\?.*\nUsage: kaizen-metrics COMMAND \[ARGUMENTS\]\n$/,
  );
  // A program gets a document, and nothing else.
  expect(JSON.parse((await say("agents", "--sort", "best", "--json")).stderr)).toHaveProperty("error.code");
});
