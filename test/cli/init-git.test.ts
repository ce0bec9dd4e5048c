import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

const LOG = ".kaizen/metrics/code-reviewer/executions.jsonl";

/** A repository of its own, with nothing of the user's configuration. */
function repository(): { folder: string; git: (...args: string[]) => string } {
  const folder = temporaryFolder();
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  const git = (...args: string[]) =>
    execFileSync("git", [...identity, ...args], { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
  git("init", "-q", "-b", "main");
  return { folder, git };
}

function commitRun(repo: ReturnType<typeof repository>, id: string): void {
  const path = join(repo.folder, LOG);
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `{"agent": "code-reviewer", "id": "${id}", "success": true}\n`);
  repo.git("add", "-A");
  repo.git("commit", "-qm", id);
}

function branchesWithRuns(repo: ReturnType<typeof repository>): void {
  commitRun(repo, "first");
  repo.git("checkout", "-qb", "other");
  commitRun(repo, "there");
  repo.git("checkout", "-q", "main");
  commitRun(repo, "here");
}

test("git keeps the runs of both branches when they are merged, which it does not without init", async () => {
  const before = repository();
  branchesWithRuns(before);
  expect(() => before.git("merge", "-q", "other")).toThrow();

  const repo = repository();
  await runCommandHere(["init", "--client", "cursor", "--share"], { cwd: repo.folder });
  branchesWithRuns(repo);
  repo.git("merge", "-q", "--no-edit", "other");
  const ids = readFileSync(join(repo.folder, LOG), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).id);
  expect(ids.sort()).toEqual(["first", "here", "there"]);
});

test("the pattern means every log of the store, and nothing else", async () => {
  const { folder, git } = repository();
  await runCommandHere(["init", "--client", "cursor", "--share"], { cwd: folder });
  const of = (path: string) => git("check-attr", "merge", "--", path).trim().split(": ").at(-1);
  for (const path of [LOG, ".kaizen/metrics/optimizer/recommendations.jsonl", ".kaizen/metrics/a/b/c.jsonl"]) {
    expect([path, of(path)]).toEqual([path, "union"]);
  }
  const others = [".kaizen/metrics/a/summary.json", ".kaizen/other.jsonl", "data/.kaizen/metrics/a/x.jsonl", "x.jsonl"];
  for (const path of others) expect([path, of(path)]).toEqual([path, "unspecified"]);
});

test("a rule that says it already is enough, and lines keep their ends", async () => {
  const { folder } = repository();
  const path = join(folder, ".gitattributes");
  const said = "*.png binary\r\n.kaizen/metrics/**/*.jsonl   text merge=union\r\n";
  writeFileSync(path, said);
  await runCommandHere(["init", "--client", "cursor", "--share"], { cwd: folder });
  expect(readFileSync(path, "utf8")).toBe(said);
  writeFileSync(path, "*.png binary\r\n");
  await runCommandHere(["init", "--client", "cursor", "--share"], { cwd: folder });
  expect(readFileSync(path, "utf8")).toBe("*.png binary\r\n.kaizen/metrics/**/*.jsonl merge=union\r\n");
});
