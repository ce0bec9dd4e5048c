import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { cleanEnvironment, type Ran, runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { logPath, readLogStrictly, writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";

const MINUTE_MS = 60_000;

function at(minutesAgo: number): string {
  return new Date(Date.now() - minutesAgo * MINUTE_MS).toISOString();
}

async function importInto(root: string, ...args: string[]) {
  return readReport(await runCommandHere(["import", ...args, "--json"], { root }));
}

function readReport({ status, stdout, stderr }: Ran) {
  return { status, stderr, report: stdout === "" ? undefined : JSON.parse(stdout) };
}

test("two clones that were merged with each other hold the same runs, checks, advice and figures", async () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  const shared: JsonObject = { id: idOf(1), success: true, timestamp: at(50) };
  writeForeignLines(here, "reviewer", [
    shared,
    { success: false, timestamp: at(30) },
    { success: true, timestamp: at(10) },
  ]);
  writeForeignLines(there, "reviewer", [shared]);
  writeForeignText(there, "reviewer", `{"success": true, "timestamp": "${at(20)}", "n": 9007199254740993, "f": 1.0}\n`);
  await runCommandHere(["verify", "reviewer", idOf(1), "--failure", "--by", "human"], { root: there });
  const optimizer = join(there, ".kaizen", "metrics", "optimizer");
  mkdirSync(optimizer);
  const advice = { id: "rec_0123456789abcdef0123", title: "Read the tests first" };
  const entry = { timestamp: at(5), agent: "reviewer", metrics_count: 2, recommendations: [advice] };
  writeFileSync(join(optimizer, "recommendations.jsonl"), `${JSON.stringify(entry)}\n`);
  for (const file of ["lifecycle.jsonl", "evidence.jsonl"]) {
    writeFileSync(join(there, ".kaizen", "metrics", "reviewer", file), "");
  }

  const dryRunSeen = await importInto(here, there, "--dry-run");
  expect(existsSync(join(here, ".kaizen", "metrics", "reviewer", "summary.json"))).toBe(false);
  const first = await importInto(here, there);
  expect(first.status).toBe(0);
  expect(first.report).toMatchObject({
    runs: { added: 1, already_there: 1, expired: 0, conflicts: 0, refused: 0 },
    verifications: { added: 1, unknown_run: 0 },
    recommendations: { added: 1, already_there: 0 },
    analysis: null,
    reordered: ["reviewer"],
    problems: [],
  });
  expect(first.report.left_out[0]).toContain("lifecycle.jsonl");
  expect(first.report.left_out[1]).toContain("evidence.jsonl");
  expect(dryRunSeen.report).toEqual({ ...first.report, dry_run: true, reordered: [] });
  expect((await importInto(here, join(there, ".kaizen", "metrics"))).report.runs).toMatchObject({
    added: 0,
    already_there: 2,
  });
  await importInto(there, here);

  const log = readFileSync(logPath(here, "reviewer"), "utf8");
  expect(readFileSync(logPath(there, "reviewer"), "utf8")).toBe(log);
  expect(log).toContain('"n": 9007199254740993, "f": 1.0}\n');
  expect(readLogStrictly(here, "reviewer").map(({ success }) => success)).toEqual([true, false, true, true]);
  const figures = await Promise.all(
    [here, there].map(async (root) => (await runCommandHere(["summary", "reviewer", "--json"], { root })).stdout),
  );
  expect(figures[0]).toBe(figures[1]);
  expect(JSON.parse(figures[0] ?? "")).toMatchObject({ execution_count: 4, success_rate: 0.75 });
});

test("what was exported comes in again elsewhere, and what cannot come in is named", async () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  writeForeignLines(there, "reviewer", [{ success: true, timestamp: at(2) }]);
  writeForeignLines(there, "writer", [{ success: true, timestamp: at(1), idempotency_key: "k" }]);
  const file = join(here, "runs.jsonl");
  await runCommandHere(["export", "--output", file], { root: there });
  const ahead = '{"success": true, "agent": "writer", "timestamp": "2099-01-01T00:00:00Z"}';
  appendFileSync(
    file,
    `torn\n{"success": false, "agent": "writer", "idempotency_key": "k"}\n${ahead}\n{"success": true}`,
  );
  const { status, stdout } = await runCommandHere(["import", file], { root: here });
  expect(status).toBe(1);
  const lines = stdout.split("\n");
  expect(lines[0]).toBe("Runs             2 added, 1 in conflict, 2 refused");
  expect(lines[1]).toBe("Damaged lines    1");
  expect(lines.filter((line) => line.startsWith("not taken")).map((line) => line.replace(file, "FILE"))).toEqual([
    "not taken  FILE, line 3: it is not JSON (torn, or damaged)",
    "not taken  FILE, line 5: its timestamp is more than a day ahead of this machine's clock",
    "not taken  FILE, line 6: it does not say which agent ran; say so with --agent",
    expect.stringMatching(
      /^not taken {2}FILE, line 4: writer used this idempotency key for the run content_[0-9a-f]{16}, with other content\.$/,
    ),
  ]);
});

test("an import that was killed is finished by the next one, also beside another, and doubles nothing", async () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  const file = join(there, "runs.jsonl");
  const runs = Array.from({ length: 12_000 }, (_, n) =>
    JSON.stringify({ success: true, timestamp: at(20_000 - n), n }),
  );
  writeFileSync(file, `${runs.join("\n")}\n`);
  const args = [bundle, "import", file, "--agent", "reviewer", "--root", here];
  const killed = spawn(process.execPath, args, { env: cleanEnvironment(), stdio: "ignore" });
  const ended = new Promise((resolve) => killed.on("close", resolve));
  const size = () => statSync(logPath(here, "reviewer"), { throwIfNoEntry: false })?.size ?? 0;
  while (size() === 0 && killed.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
  killed.kill("SIGKILL");
  await ended;
  const importing = () => runCommand(["import", file, "--agent", "reviewer", "--json"], { root: here });
  const both = await Promise.all([importing(), importing()]);
  for (const { report, status } of both.map(readReport)) {
    expect(status).toBe(0);
    expect(report.runs.added + report.runs.already_there).toBe(12_000);
  }
  // The kill may have torn a line, which stays and counts as damaged until a repair.
  await runCommandHere(["doctor", "--repair"], { root: here });
  const numbers = readLogStrictly(here, "reviewer").map(({ n }) => n);
  expect(new Set(numbers).size).toBe(12_000);
  expect(numbers).toHaveLength(12_000);
});

/** More levels than a function can go through that calls itself. */
const DEEP = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
const success = '"success":true';
const advised = `"timestamp":"2126-11-20T10:00:00Z","agent":"one","metrics_count":1,"recommendations"`;

test.for([
  ["a run that is known by its content", "one/executions.jsonl", `{${success},"deep":${DEEP}}`],
  ["a run that is known by its id", "one/executions.jsonl", `{${success},"id":"run_${"0".repeat(20)}","deep":${DEEP}}`],
  ["a run that is known by its key", "one/executions.jsonl", `{${success},"idempotency_key":"k","deep":${DEEP}}`],
  ["advice without an id", "optimizer/recommendations.jsonl", `{${advised}:[{"title":"t","deep":${DEEP}}]}`],
] as const)("%s, nested without end, comes in once and takes no other away", async ([, file, line]) => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  writeForeignLines(there, "other", [{ success: true }]);
  const path = join(there, ".kaizen", "metrics", file);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `${line}\n`);
  const counts = async () => {
    const { report, status } = await importInto(here, there);
    return [status, report.runs.added + report.recommendations.added, report.runs.conflicts];
  };
  expect([await counts(), await counts()]).toEqual([
    [0, 2, 0],
    [0, 0, 0],
  ]);
});

test("what is no source is said, and links in a source are not followed", async () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  const missing = await runCommandHere(["import", join(there, "none")], { root: here });
  expect(missing).toMatchObject({ status: 1, stdout: "" });
  expect(missing.stderr).toContain("There is no file or folder");
  const nothing = await runCommandHere(["import", ""], { root: here });
  expect(nothing).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("PATH names nothing") });
  expect((await runCommandHere(["import", there], { root: here })).stderr).toContain("holds nothing to import");
  writeForeignLines(there, "one", [{ success: true }]);
  for (const [link, target] of [
    [".kaizen", join(there, ".kaizen")],
    ["metrics", join(there, ".kaizen", "metrics")],
  ] as const) {
    const linked = temporaryFolder();
    symlinkSync(target, join(linked, link));
    const led = await runCommandHere(["import", linked], { root: here });
    expect([link, led]).toMatchObject([link, { status: 1, stdout: "" }]);
    expect(led.stderr).toContain("holds nothing to import");
  }
  mkdirSync(join(there, ".kaizen", "metrics", "two"));
  symlinkSync(logPath(there, "one"), logPath(there, "two"));
  const several = await runCommandHere(["import", there, "--agent", "all"], { root: here });
  expect(several.status).toBe(2);
  symlinkSync(join(there, ".kaizen", "metrics", "one"), join(there, ".kaizen", "metrics", "three"));
  const { report, status } = await importInto(here, there);
  expect([status, report.runs.added]).toEqual([1, 1]);
  const reason = "it is a link, and was left alone";
  expect(report).toMatchObject({
    left_out: [],
    damaged_lines: 0,
    problems: [logPath(there, "two"), join(there, ".kaizen", "metrics", "three")].map((file) => ({
      kind: "unsafe",
      file,
      line: null,
      reason,
    })),
  });
  expect(readdirSync(join(here, ".kaizen", "metrics")).filter((name) => !name.startsWith("."))).toEqual(["one"]);
  const two = join(there, ".kaizen", "metrics", "two");
  mkdirSync(join(two, "verifications.jsonl"));
  const folder = await runCommandHere(["import", two], { root: here });
  expect(folder).toMatchObject({
    status: 1,
    stdout:
      `There was nothing to import.\nnot taken  ${logPath(there, "two")}: ${reason}\n` +
      `not taken  ${join(two, "verifications.jsonl")}: it is a folder, and was left alone\n`,
  });
});

test("stdin is read as a file is, and that nothing came there is said", async () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  writeForeignLines(there, "reviewer", [{ success: true, timestamp: at(2) }]);
  writeForeignLines(there, "writer", [{ success: true, timestamp: at(1), f: 1.5 }]);
  const { stdout: stdin } = await runCommandHere(["export"], { root: there });
  const piped = await runCommandHere(["import", "-"], { root: here, stdin: `\ufeff${stdin}torn` });
  expect(piped).toEqual({
    status: 1,
    stdout:
      "Runs             2 added\nDamaged lines    1\nnot taken  stdin, line 3: it is not JSON (torn, or damaged)\n",
    stderr: "",
  });
  const again = await runCommandHere(["import", "-", "--dry-run", "--json"], { root: here, stdin });
  expect(JSON.parse(again.stdout).runs).toMatchObject({ added: 0, already_there: 2 });
  expect(await runCommandHere(["import", "-"], { root: here })).toEqual({
    status: 0,
    stdout: "There was nothing to import.\nNothing came on stdin.\n",
    stderr: "",
  });
});

test("a refusal that is met again and again is said once, and hides no other", async () => {
  const root = temporaryFolder();
  const nameless = `${JSON.stringify({ success: true, timestamp: at(1) })}\n`;
  const ahead = `${JSON.stringify({ agent: "coder", success: true, timestamp: "2999-01-01T00:00:00Z" })}\n`;
  const stdin = nameless.repeat(150) + ahead;
  const { stdout } = await runCommandHere(["import", "-"], { root, stdin });
  expect(stdout.split("\n").slice(1)).toEqual([
    "not taken  stdin, line 1: it does not say which agent ran; say so with --agent (and 149 more like it)",
    "not taken  stdin, line 151: its timestamp is more than a day ahead of this machine's clock",
    "",
  ]);
});
