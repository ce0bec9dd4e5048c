import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { ago, EvidenceProject } from "./evidence-project.ts";

const reports = fileURLToPath(new URL("../fixtures/reports", import.meta.url));
const report = (name: string) => join(reports, name);

let project: EvidenceProject;
let commit = "";

/** A run that has made the commit that is tested. */
beforeEach(async () => {
  project = new EvidenceProject();
  project.repository.write("f", "better\n");
  commit = project.commit("the run's own");
  await project.noted("k1", { commits: [commit], head: commit, ended: ago() });
});

function imported(...args: readonly string[]) {
  return runCommandHere(["import", ...args], { root: project.root });
}

async function verifications() {
  const { verifications: found } = await project.kaizen.executions("code-reviewer", { filter: {}, limit: 10 });
  return [...found.values()].flat();
}

test.each([
  ["junit", "junit/pytest-green.xml", true, "junit: 2 passed, 0 failed, 0 skipped", "junit: 2 tests, 0 failed."],
  [
    "junit",
    "junit/pytest-red.xml",
    false,
    "junit: 3 passed, 2 failed, 2 skipped",
    "junit: 7 tests, 2 failed, 2 skipped.",
  ],
  ["tap", "tap/node-green.tap", true, "tap: 2 passed, 0 failed, 1 skipped", "3 tests, 0 failed, 1 skipped."],
  [
    "vitest",
    "vitest/vitest-red.json",
    false,
    "vitest: 2 passed, 1 failed, 2 skipped",
    "vitest: 5 tests, 1 failed, 2 skipped.",
  ],
])("%s says of a commit what %s says", async (form, name, success, evidence, told) => {
  const { status, stderr, stdout } = await imported(form, report(name), "--commit", commit);
  expect([status, stderr]).toEqual([0, ""]);
  const [counts, run] = stdout.split("\n");
  expect(counts).toContain(told);
  expect(run).toMatch(/^run_\w+ of "code-reviewer": (success|failure) by ci, found by its commits; its agent had not/);
  expect(await verifications()).toEqual([
    expect.objectContaining({ success, verified_by: "ci", via: "cli", matched: "commits", evidence }),
  ]);
});

test("a report comes by stdin as well, from a process to a process", async () => {
  const stdin = readFileSync(report("junit/vitest-green.xml"), "utf8");
  const { status, stdout } = await runCommand(["import", "junit", "-", "--commit", "HEAD", "--json"], {
    root: project.root,
    stdin,
  });
  expect([status, JSON.parse(stdout)]).toEqual([
    0,
    expect.objectContaining({
      commit,
      report: { runner: "junit", tests: 1, failed: 0, skipped: 0, success: true },
      verified: [expect.objectContaining({ key: "k1" })],
    }),
  ]);
});

test("nothing of a report is kept but counts", async () => {
  const written = join(project.root, "..", "r.xml");
  writeFileSync(
    written,
    '<testsuite name="SECRET-s"><testcase name="SECRET-t"><failure message="SECRET-m"/></testcase></testsuite>',
  );
  expect(await imported("junit", written, "--commit", commit)).toMatchObject({ status: 0 });
  const folder = join(project.root, ".kaizen");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
  expect(kept).toContain("junit: 0 passed, 1 failed, 0 skipped");
  expect(kept).not.toContain("SECRET");
});

describe("nothing is said of a commit by", () => {
  const cases: readonly [what: string, write: (path: string) => void, status: number, why: RegExp][] = [
    [
      "a report in which no test ran",
      (path) => writeFileSync(path, "<testsuite><testcase><skipped/></testcase></testsuite>"),
      2,
      /No test ran in this report/,
    ],
    ["an empty suite", (path) => writeFileSync(path, "<testsuites/>"), 2, /No test ran in this report/],
    ["a damaged report", (path) => writeFileSync(path, "<testsuite><testcase"), 2, /cut off/],
    [
      "a report with a DOCTYPE",
      (path) => writeFileSync(path, "<!DOCTYPE t><testsuite><testcase/></testsuite>"),
      2,
      /DOCTYPE/,
    ],
    ["an empty file", (path) => writeFileSync(path, ""), 2, /empty/],
    ["a folder", (path) => mkdirSync(path), 2, /no plain file, and is not read.*import junit -/],
    ["a FIFO", (path) => execFileSync("mkfifo", [path]), 2, /no plain file, and is not read/],
    ["a file that is not there", () => {}, 1, /There is no file or folder/],
  ];
  test.each(cases)("%s", async (_, write, status, why) => {
    const path = join(project.root, "..", "report.xml");
    write(path);
    const ran = await imported("junit", path, "--commit", commit);
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([status, "", expect.stringMatching(why)]);
    expect(await verifications()).toEqual([]);
  });

  test.each([
    ["a report without --commit", ["junit", report("junit/pytest-green.xml")], /needs --commit/],
    ["another form", ["nunit", report("junit/pytest-green.xml"), "--commit", "HEAD"], /is not expected here/],
    ["a commit without a report", ["junit", "--commit", "HEAD"], /--commit goes with junit, tap or vitest/],
    [
      "an agent's name",
      ["tap", report("tap/node-green.tap"), "--commit", "HEAD", "--agent", "a"],
      /takes --commit alone/,
    ],
    ["a dry run", ["tap", report("tap/node-green.tap"), "--commit", "HEAD", "--dry-run"], /takes --commit alone/],
    ["no name of a file", ["junit", "", "--commit", "HEAD"], /FILE names nothing/],
  ] as const)("a line with %s", async (_, args, why) => {
    const ran = await imported(...args);
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([2, "", expect.stringMatching(why)]);
    expect(await verifications()).toEqual([]);
  });
});
