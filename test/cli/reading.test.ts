import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { cleanEnvironment, runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { idOf, recordsOf, timestampOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle, checkout, startServer } from "../support/server-process.ts";

/** Everything is kept: the made-up histories have their own time. */
const forEver = ["--retention-days", "0"];

const decline = "++++-++++++-++++++++ +-+--+---+--+-";

/** A project as other programs may have left it: logs, and nothing else. */
function projectWith(logs: Readonly<Record<string, readonly JsonObject[]>>): string {
  const root = temporaryFolder();
  for (const [agent, records] of Object.entries(logs)) {
    const folder = join(root, ".kaizen", "metrics", agent);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "executions.jsonl"), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }
  return root;
}

/** An optimizer's advice, and what became of it, at different times. */
function adoptedAdvice(root: string): void {
  const folder = join(root, ".kaizen", "metrics", "optimizer");
  mkdirSync(folder, { recursive: true });
  const [id, moment] = ["rec_e07b9a4416c8f23d5b90", { execution_count: 2, after_execution: idOf(2) }];
  const advice = { id, title: "Plan", detail: "Why", priority: 1 };
  const entry = { timestamp: timestampOf(2), agent: "planner", metrics_count: 2, recommendations: [advice] };
  const event = { ...moment, id, change: "adopted", timestamp: timestampOf(3), note: "From now on" };
  writeFileSync(join(folder, "recommendations.jsonl"), `${JSON.stringify(entry)}\n`);
  writeFileSync(join(folder, "recommendation-events.jsonl"), `${JSON.stringify(event)}\n`);
}

const sample = {
  planner: recordsOf("+-+"),
  "code-reviewer": recordsOf(decline, (ordinal, success) => ({
    agent: "code-reviewer",
    execution_time_s: 10 + (ordinal % 4),
    task: ordinal % 3 === 0 ? "triage" : "review",
    version: ordinal > 20 ? "4" : "3",
    ...(success
      ? { quality_score: 0.8 }
      : { quality_score: 0.4, error_type: "Timeout", error: "no\u001b[31m answer\n" }),
  })),
  コード: recordsOf("+"),
};

/** The first text of an answer. */
function textIn(result: unknown): string {
  const item = z.object({ text: z.string() });
  const { content, contents } = z
    .object({ content: z.array(item).optional(), contents: z.array(item).optional() })
    .parse(result);
  return [...(content ?? []), ...(contents ?? [])][0]?.text ?? "";
}

test("--json gives the figures of the MCP tools, under their names", async () => {
  const root = projectWith(sample);
  for (const [outcome, verifier] of [
    ["--success", "human"],
    ["--failure", "tests"],
  ] as const) {
    const line = ["verify", "code-reviewer", idOf(34), outcome, "--by", verifier, ...forEver];
    expect(await runCommandHere(line, { root })).toMatchObject({ status: 0 });
  }
  adoptedAdvice(root);
  const server = startServer({ args: ["--root", root, ...forEver] });
  await server.initialize();
  const structured = async (name: string, args: object) => (await server.callTool(name, args))?.structuredContent;
  const filter = { since: "2026-11-01T03:00:00Z", task: "review" };
  const resource = async (uri: string) => JSON.parse(textIn((await server.request("resources/read", { uri })).result));
  const markdown = async (name: string, args: { agent: string }) => {
    return { ...args, detail: "short", markdown: textIn(await server.callTool(name, args)) };
  };
  const json = async (...args: string[]) => {
    const { status, stderr, stdout } = await runCommandHere([...args, "--json", ...forEver], { root });
    expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  // A person may have all of a long log searched: the command says how far it looked.
  const runs = async (...args: string[]) => {
    const { is_complete, searched, ...page } = await json("executions", ...args);
    expect([searched > 0, is_complete]).toEqual([true, page.next_cursor === null]);
    return page;
  };
  const agent = "code-reviewer";
  const page = await runs(agent, "--failure", "--limit", "3");
  expect(page).toEqual(await structured("read_executions", { agent, success: false, limit: 3 }));
  const { next_cursor: cursor } = page;
  const pairs: readonly (readonly [Promise<unknown>, Promise<unknown>])[] = [
    [json("summary", agent), structured("get_summary", { agent })],
    [
      json("summary", agent, "--since", filter.since, "--task", filter.task),
      structured("get_summary", { agent, ...filter }),
    ],
    [json("agents", "--sort", "success_rate"), structured("list_agents", { sort: "success_rate" })],
    [
      runs(agent, "--failure", "--limit", "3", "--cursor", cursor),
      structured("read_executions", { agent, success: false, limit: 3, cursor }),
    ],
    [json("recommendations"), resource("kaizen://optimizer/recommendations")],
    [json("brief", agent), markdown("get_brief", { agent })],
  ];
  for (const [said, expected] of pairs) expect(await said).toEqual(await expected);
});

test("a pipe gets plain text: a summary, a table of the agents, and one of the runs", async () => {
  const root = projectWith(sample);
  const summary = await runCommandHere(["summary", "code-reviewer", ...forEver], { root });
  expect(summary.stdout).toMatchInlineSnapshot(`
    "code-reviewer

    Runs           34, the last 2026-11-02 09:00
    Success        67.6% (as claimed), 95% interval 50.8% to 80.9%
                   declining since about 2026-11-01 21:00: 4 of 13, before that 19 of 21 (P 0.70)
    Quality        0.67 on average, median 0.80, 90% within 0.80
                   declining since about 2026-11-01 21:00: median 0.40 of 13, before that 0.80 of 21 (P 0.67)
    Time           11.5 s on average, median 11.5 s, 90% within 13.0 s
                   steady: median 11.5 s of 34
    Last 34        ▇▇▇▇▁▇▇▇▇▇▇▁▇▇▇▇▇▇▇▇▇▁▇▁▁▇▁▁▁▇▁▁▇▁
    their quality  ▇▇▇▇▄▇▇▇▇▇▇▄▇▇▇▇▇▇▇▇▇▄▇▄▄▇▄▄▄▇▄▄▇▄

    failures  last seen         back after  for example
          11  2026-11-02 09:00  9 runs      Timeout: no [31m answer
    "
  `);
  expect((await runCommandHere(["agents", ...forEver], { root })).stdout).toMatchInlineSnapshot(`
    "1 declining: code-reviewer, 4 of the last 13 succeeded (19 of 21 before).

    agent          runs  success     95% interval  quality    time  verdict       last run          the last runs
    code-reviewer    34    67.6%   50.8% to 80.9%     0.67  11.5 s  declining     2026-11-02 09:00  ▇▇▇▇▇▇▇▁▇▁▁▇▁▁▁▇▁▁▇▁
    コード            1   100.0%  20.7% to 100.0%                   too few runs  2026-11-01 00:00  ▇
    planner           3    66.7%   20.8% to 93.9%                   too few runs  2026-11-01 02:00  ▇▁▇

    success: the agent's own report; no run was checked
    "
  `);
  const runs = await runCommandHere(["executions", "code-reviewer", "--limit", "3", ...forEver], { root });
  expect(runs.stdout).toMatchInlineSnapshot(`
    "ended                 outcome  quality    time  task    id                        error or notes
    2026-11-02T09:00:00Z  failure     0.40  12.0 s  review  run_00000000000000000022  Timeout: no [31m answer
    2026-11-02T08:00:00Z  success     0.80  11.0 s  triage  run_00000000000000000021
    2026-11-02T07:00:00Z  failure     0.40  10.0 s  review  run_00000000000000000020  Timeout: no [31m answer
    "
  `);
  expect(runs.stderr).toMatch(/^kaizen-metrics: More with --cursor \S+\n$/);
  const brief = await runCommandHere(["brief", "planner", ...forEver], { root });
  expect(brief.stdout).toMatch(/^# `planner`: \d of 3 runs succeeded \(/);
  // The logs were only read: what a long one would have taught is kept in an index, and nothing else is written.
  expect(existsSync(join(root, ".kaizen", "metrics", "planner", "summary.json"))).toBe(false);
});

test("the agent that needs help comes first, below a line that says so, and programs get the order of names", async () => {
  const logs = { a: "+".repeat(12), b: "+", c: "++-++-++-++-", d: decline, e: "+++++++++++++-" };
  const root = projectWith(Object.fromEntries(Object.entries(logs).map(([agent, runs]) => [agent, recordsOf(runs)])));
  const env = { KAIZEN_RETENTION_DAYS: "0" };
  const payload = { hook_event_name: "SubagentStart", agent_type: "unheard", agent_id: "a1", session_id: "s" };
  await runCommand(["hook", "subagent-start"], { root, env, stdin: JSON.stringify(payload) });
  const namesIn = (stdout: string) => stdout.split("\n").flatMap((line) => line.match(/^(?:\w|unheard)(?= {2})/) ?? []);
  for (const command of ["summary", "agents"]) {
    const { stdout } = await runCommandHere([command], { root, env });
    expect(stdout).toMatch(/^1 declining: d, 4 of the last 13 succeeded \(19 of 21 before\)\.\n\nagent /);
    expect(namesIn(stdout)).toEqual(["d", "c", "e", "a", "b", "unheard"]);
    expect(stdout).not.toMatch(/unheard.*too few/);
    const json = JSON.parse((await runCommandHere([command, "--json"], { root, env })).stdout);
    expect(json.agents.map(({ agent }: { agent: string }) => agent)).toEqual(["a", "b", "c", "d", "e", "unheard"]);
  }
  expect(namesIn((await runCommandHere(["agents", "--sort", "name"], { root, env })).stdout)[0]).toBe("a");
  const few = projectWith({ b: recordsOf("+-") });
  expect((await runCommandHere(["summary"], { root: few, env })).stdout).toMatch(/^No agent has the 10 runs yet/);
  const steady = projectWith({ a: recordsOf("+".repeat(12)) });
  expect((await runCommandHere(["summary"], { root: steady, env })).stdout).toMatch(/^No agent is declining\.\n/);
  // An agent that has always failed does not decline.
  const failing = projectWith({ a: recordsOf("+++++++++++-"), bad: recordsOf("-".repeat(12)), few: recordsOf("-") });
  for (const command of ["summary", "agents"]) {
    const { stdout } = await runCommandHere([command], { root: failing, env });
    expect(stdout).toMatch(/^No agent is declining\. Lowest: bad, 0 of 12 succeeded\.\n/);
  }
});

test("failures are said to be the last ones where there may have been more", async () => {
  const root = projectWith({ planner: recordsOf("-".repeat(201)), writer: recordsOf("-".repeat(199)) });
  const said = async (command: string, agent: string) =>
    (await runCommandHere([command, agent, ...forEver], { root })).stdout;
  expect(await said("summary", "planner")).toMatch(/\n {5}200 {2}[^\n]+\ncounted among the last 200 failures\n$/);
  expect(await said("summary", "writer")).not.toContain("among");
  expect(await said("brief", "planner")).toContain("## Failures that recur, among the last 200\n\n- 200 times,");
  expect(await said("brief", "writer")).toContain("## Failures that recur\n\n- 199 times,");
});

test("a project without runs is an answer and no failure", async () => {
  const root = temporaryFolder();
  const nothing = /No agent has recorded a run in this project yet\./;
  const empty = ["summary", "agents", "prune --all"];
  const all = await Promise.all(
    empty.map(async (line) => ({ line, ...(await runCommandHere(line.split(" "), { root })) })),
  );
  for (const { line, ...ran } of all) {
    expect({ line, ...ran }).toEqual({ line, status: 0, stdout: expect.stringMatching(nothing), stderr: "" });
  }
  expect(existsSync(join(root, ".kaizen"))).toBe(false);
});

test("an agent of which nothing is known is a failure in every command that is told its name", async () => {
  const root = projectWith(sample);
  adoptedAdvice(root);
  const lines = ["summary NAME", "brief NAME", "executions NAME", "recommendations --agent NAME", "prune NAME"];
  const said = await Promise.all(
    [...lines, "prune NAME --dry-run"].map((line) =>
      runCommandHere([...line.replace("NAME", "code-reviwer").split(" "), ...forEver], { root }),
    ),
  );
  for (const ran of said) {
    expect(ran).toEqual({
      status: 1,
      stdout: "",
      stderr: 'kaizen-metrics: Nothing has been recorded for "code-reviwer". Did you mean "code-reviewer"?\n',
    });
  }
  const nobody = await runCommandHere(["summary", "reviewer", "--json"], { root: temporaryFolder() });
  expect(nobody).toMatchObject({ status: 1, stdout: "" });
  expect(JSON.parse(nobody.stderr).error).toEqual({
    code: "NOT_FOUND",
    message: 'Nothing has been recorded for "reviewer".',
    hint: "No agent has recorded a run in this project yet.",
  });
  const impossible = await runCommandHere(["executions", "../x"], { root });
  expect(impossible).toMatchObject({ status: 2, stderr: expect.stringContaining("agent name may hold") });
});

test("what an agent was advised can be read before its first run", async () => {
  const root = temporaryFolder();
  adoptedAdvice(root);
  expect(await runCommandHere(["recommendations", "--agent", "planner"], { root })).toMatchObject({ status: 0 });
  expect((await runCommandHere(["brief", "planner"], { root })).stdout).toContain(
    "- Adopted, in force, too early to tell (no run since): `Plan`\n",
  );
  expect(await runCommandHere(["summary", "planner"], { root })).toMatchObject({ status: 1 });
});

test("that a long log has to be read for want of an index is said once", async () => {
  const notes = "x".repeat(400_000);
  const root = projectWith({ planner: recordsOf("+".repeat(45), () => ({ notes })) });
  const log = join(root, ".kaizen", "metrics", "planner", "executions.jsonl");
  const said = `kaizen-metrics: reading 18 MB of ${log} that its index does not have\n`;
  const summary = () => runCommandHere(["summary", "planner", ...forEver], { root });
  expect(await summary()).toMatchObject({ status: 0, stderr: said });
  expect(await summary()).toMatchObject({ status: 0, stderr: said });
  expect(await runCommandHere(["record", "planner", "--success", ...forEver], { root })).toMatchObject({
    stderr: said,
  });
  expect(await summary()).toMatchObject({ status: 0, stderr: "" });
});

test("where names the project, its files, and what the other rules would have chosen", async () => {
  const root = projectWith({ planner: recordsOf("+-+") });
  const below = join(root, "src");
  mkdirSync(below);
  const env = { KAIZEN_PROJECT_ROOT: "/nowhere/at/all" };
  const { stdout } = await runCommandHere(["where", "--json"], { root, cwd: below, env });
  const bytes = readFileSync(join(root, ".kaizen", "metrics", "planner", "executions.jsonl")).length;
  expect(JSON.parse(stdout)).toEqual({
    path: root,
    rule: "--root",
    store: { kind: "folder" },
    metrics: join(root, ".kaizen", "metrics"),
    trust: { state: "foreign" },
    files: [{ path: ".kaizen/metrics/planner/executions.jsonl", bytes, lines: 3 }],
    unread: [],
    rules: [
      { rule: "--root", path: root },
      { rule: "KAIZEN_PROJECT_ROOT", path: null, problem: expect.stringContaining("there is no folder") },
      { rule: "CLAUDE_PROJECT_DIR", path: null },
      { rule: "nearest folder upwards with .kaizen", path: root },
      { rule: "nearest folder upwards with .git", path: null },
    ],
  });
  const found = await runCommandHere(["where"], { cwd: below });
  expect(found.stdout).toMatch(
    /^Project {4}.*\nChosen by {2}nearest folder upwards with \.kaizen\nTrust {6}not accepted; .*\nStore {6}the project's folder\n\nfile .* bytes {2}lines\n/,
  );
  expect(found.stdout).toContain("\n*  nearest folder upwards with .kaizen  ");
});

test("where says what it could not look at", async () => {
  const root = projectWith({ planner: recordsOf("+") });
  const metrics = join(root, ".kaizen", "metrics");
  symlinkSync("/etc", join(metrics, "elsewhere"));
  mkdirSync(join(metrics, "tester", "executions.jsonl"), { recursive: true });
  // Anybody may have such a name.
  mkdirSync(join(metrics, "x.jsonl"));
  writeFileSync(join(metrics, "x.jsonl", "executions.jsonl"), "{}\n");
  const { stdout } = await runCommandHere(["where"], { root });
  expect(stdout).toContain(
    "\nNot looked at\n  .kaizen/metrics/elsewhere (a link, not followed)\n" +
      "  .kaizen/metrics/tester/executions.jsonl (a folder, not a file)\n\n",
  );
  expect(stdout).toContain(".kaizen/metrics/x.jsonl/executions.jsonl");
  const empty = await runCommandHere(["where"], { root: temporaryFolder() });
  expect(empty.stdout).toContain("/.kaizen has no files yet; the first recorded run makes them.\n");
});

test("a reader that has seen enough ends a command without a word", async () => {
  const notes = "x".repeat(500);
  const root = projectWith({ planner: recordsOf("+".repeat(1_000), () => ({ notes })) });
  const args = [bundle, "executions", "planner", "--limit", "1000", "--json", "--root", root, ...forEver];
  const child = spawn(process.execPath, args, { cwd: checkout, env: cleanEnvironment() });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
