import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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

const init = (folder: string, ...more: string[]) =>
  runCommandHere(["init", "--client", "cursor", ...more], { root: folder, env: { HOME: temporaryFolder() } });
const IGNORED =
  "# The runs of agents stay on this machine; kaizen-metrics init --share has git keep them.\n/.kaizen/\n";

test("a new project's working copy is not changed by runs, until they are shared", async () => {
  const repo = repository();
  const { folder, git } = repo;
  writeFileSync(join(folder, ".gitignore"), "node_modules\n");
  git("add", "-A");
  git("commit", "-qm", "first");
  expect((await init(folder)).stdout).toContain('  changed  .gitignore          "/.kaizen/": added\n');
  expect(existsSync(join(folder, ".gitattributes"))).toBe(false);
  git("add", "-A");
  git("commit", "-qm", "init");
  await runCommandHere(["record", "a", "--success"], { root: folder });
  expect(git("status", "--short")).toBe("");
  expect((await init(folder)).stdout).toContain("Everything was there already.");
  await init(folder, "--share");
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules\n");
  expect(readFileSync(join(folder, ".gitattributes"), "utf8")).toContain("merge=union");
  expect(git("status", "--short", "-uall")).toContain("?? .kaizen/metrics/a/executions.jsonl");
  // It stays so.
  await init(folder);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules\n");
  await init(folder, "--remove");
  expect(existsSync(join(folder, ".gitattributes"))).toBe(false);
});

test.each([2, 4])("a project that git keeps the runs of already goes on so, by an index of form %i", async (form) => {
  const repo = repository();
  const { folder, git } = repo;
  writeFileSync(join(folder, ".gitignore"), "node_modules\n");
  await runCommandHere(["record", "a", "--success"], { root: folder });
  git("add", "-A");
  git("update-index", "--index-version", String(form));
  await init(folder);
  git("add", "-A");
  expect(git("diff", "--cached", "--name-only")).not.toContain(".gitattributes");
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("node_modules\n");
});

test("a folder of a repository has a file of its own, a project without git has none, and a person's own line is enough", async () => {
  const { folder } = repository();
  const below = join(folder, "packages", "one");
  mkdirSync(below, { recursive: true });
  await init(below);
  expect(readFileSync(join(below, ".gitignore"), "utf8")).toBe(IGNORED);
  const plain = temporaryFolder();
  await init(plain);
  expect(existsSync(join(plain, ".gitignore"))).toBe(false);
  const said = repository().folder;
  writeFileSync(join(said, ".gitignore"), ".kaizen");
  await init(said);
  await init(said, "--remove");
  expect(readFileSync(join(said, ".gitignore"), "utf8")).toBe(".kaizen");
  expect((await init(said, "--share")).stdout).toContain('.gitignore          "/.kaizen/": stays, it is not ours');
});
