import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

test("a run is recorded by flags, its id is printed, and a verification of it outweighs what it claimed", async () => {
  const root = temporaryFolder();
  const recorded = await runCommandHere(
    [
      ...["record", "tester", "--success", "--quality-score", "0.9", "--task", "review", "--notes", "café"],
      ...[
        "--input-tokens=1800",
        "--set",
        "findings=2",
        "--set",
        "commit=7e12345",
        "--set",
        "trace=12345678901234567890",
        "--set",
        "author=Ada",
        "--set",
        'tags=["a", "b"]',
      ],
    ],
    { root },
  );
  expect(recorded).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /^Recorded run_[0-9a-f]{20}\. "tester" has 1 run, 100\.0% a success as reported by the agent\.\n$/,
    ),
    stderr: "",
  });
  const line = readFileSync(join(root, ".kaizen", "metrics", "tester", "executions.jsonl"), "utf8");
  const id = /run_[0-9a-f]{20}/.exec(recorded.stdout)?.[0] ?? "";
  expect(JSON.parse(line)).toEqual({
    agent: "tester",
    author: "Ada",
    // A number that would not come out as it was typed.
    commit: "7e12345",
    trace: "12345678901234567890",
    findings: 2,
    id,
    input_tokens: 1800,
    notes: "café",
    quality_score: 0.9,
    success: true,
    tags: ["a", "b"],
    task: "review",
    timestamp: expect.stringMatching(/Z$/),
  });
  const verified = await runCommandHere(["verify", "tester", id, "--failure", "--by", "tests"], { root });
  expect(verified.stdout).toBe(
    `${id} is a failure now; the agent had reported a success.\n"tester" has 1 verified run: 0.0% succeeded, 100.0% claimed to.\n`,
  );
  const unknown = await runCommandHere(["verify", "tester", "run_0", "--failure", "--by", "ci", "--json"], { root });
  expect(unknown).toMatchObject({ status: 1, stdout: "" });
  expect(JSON.parse(unknown.stderr)).toMatchObject({ error: { code: "NOT_FOUND", hint: expect.any(String) } });
});

test("a run comes from a file or from stdin, with flags before it, and one key is one run", async () => {
  const root = temporaryFolder();
  const file = join(root, "run.json");
  const report = { agent: "tester", success: false, error: "exit code 1", extra: { findings: 1 } };
  writeFileSync(file, JSON.stringify({ ...report, idempotency_key: "k" }));
  const args = ["record", "--file", file, "--model", "m", "--set", "found=3", "--json"];
  const first = await runCommandHere(args, { root });
  expect(JSON.parse(first.stdout)).toEqual({
    id: expect.stringMatching(/^run_/),
    agent: "tester",
    recorded: true,
    duplicate: false,
    timestamp: expect.any(String),
    execution_count: 1,
    success_rate: 0,
  });
  const again = JSON.parse((await runCommandHere(args, { root })).stdout);
  expect(again).toEqual({ ...JSON.parse(first.stdout), recorded: false, duplicate: true });
  // Windows programs put a byte order mark before it.
  const stdin = `\ufeff${JSON.stringify({ success: true })}`;
  expect(await runCommandHere(["record", "tester", "--file", "-"], { root, stdin })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"tester" has 2 runs, 50.0% a success as reported by the agent.'),
  });
  const conflict = await runCommandHere([...args, "--task", "other"], { root });
  expect(conflict).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining('"code": "KEY_CONFLICT"') });
  const lines = readFileSync(join(root, ".kaizen", "metrics", "tester", "executions.jsonl"), "utf8")
    .trim()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { findings: 1, found: 3, model: "m" },
    { success: true },
  ]);
});

test("what is refused is told in terms of what was typed, and nothing is created", async () => {
  const root = temporaryFolder();
  const refused = await runCommandHere(["record", "tester", "--success", "--quality-score", "85"], { root });
  expect({ ...refused, created: existsSync(join(root, ".kaizen")) }).toEqual({
    status: 2,
    stdout: "",
    stderr:
      "kaizen-metrics: --quality-score is 85: it goes from 0 to 1 (divide percentages by 100). " +
      "See kaizen-metrics record --help.\n" +
      "Usage: kaizen-metrics record [AGENT] [--success | --failure] [--FIELD VALUE ...]\n" +
      "                             [--set KEY=VALUE ...] [--new-agent] [--file FILE]\n",
    created: false,
  });
});

test("advice is written from a file, listed, adopted, and measured", async () => {
  const root = temporaryFolder();
  const stdin = JSON.stringify({
    report: { reviewed: 2, "\u202efindings": ["\u001b[31mred"] },
    recommendations: [{ agent: "tester", title: "Test\u001b[2J first", priority: 2 }],
  });
  const written = JSON.parse((await runCommandHere(["analysis", "--write", "-", "--json"], { root, stdin })).stdout);
  expect(written).toEqual({
    path: expect.stringMatching(/analysis\.json$/),
    recommendation_ids: [expect.stringMatching(/^rec_/)],
  });
  const [id] = written.recommendation_ids;
  const [report, listed] = await Promise.all([
    runCommandHere(["analysis"], { root }),
    runCommandHere(["recommendations", "--status", "proposed"], { root }),
  ]);
  const adopted = await runCommandHere(["recommendations", "update", id, "--status", "adopted", "--note", "now"], {
    root,
  });
  expect(report.stdout).toContain('"\\u202efindings": [\n    "\\u001b[31mred"');
  expect(JSON.parse(report.stdout)).toEqual(JSON.parse(stdin).report);
  expect(listed.stdout).toMatch(
    new RegExp(`^id .* since then\n${id}  tester  proposed +2  [-\\d]+ [:\\d]+  Test \\[2J first\n$`),
  );
  expect(adopted.stdout).toBe(
    `${id} for "tester" is adopted; too early: 0 of 0 after, 0 of 0 before; 10 more runs needed.\n`,
  );
});

test("null in a file of fields counts as left out, and stays what it is in extra", async () => {
  const root = temporaryFolder();
  const given = { agent: null, success: null, notes: null, quality_score: null, extra: { found: null } };
  const stdin = JSON.stringify(given);
  const { status, stderr } = await runCommandHere(["record", "tester", "--success", "--file", "-"], { root, stdin });
  expect([status, stderr]).toEqual([0, ""]);
  const line = readFileSync(join(root, ".kaizen", "metrics", "tester", "executions.jsonl"), "utf8");
  expect(JSON.parse(line)).toEqual({
    agent: "tester",
    id: expect.any(String),
    success: true,
    found: null,
    timestamp: expect.any(String),
  });
});
