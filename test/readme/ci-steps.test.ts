import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { EvidenceProject } from "../cli/evidence-project.ts";
import { writeProgram } from "../evidence/git/repository.ts";
import { cleanEnvironment } from "../support/command.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { blocks, chapter } from "./page.ts";

// The steps that the page has for a CI are run as a CI runs them: their lines in a shell that ends with the first failure,
// in a clone of one commit, with the program installed.

const [github = "", gitlab = ""] = blocks(chapter("From CI"), "yaml");

/** The lines of a literal block (`run: |`). */
function literalBlock(yaml: string, key: string): string {
  const lines = yaml.split("\n");
  const at = lines.findIndex((line) => line.trim() === `${key}: |`);
  return lines
    .slice(at + 1)
    .map((line) => line.trim())
    .join("\n");
}

/** The items of a list of texts, plain or in single quotes. */
function listItems(yaml: string, key: string): string {
  const lines = yaml.split("\n");
  const at = lines.findIndex((line) => line.trim() === `${key}:`);
  return lines
    .slice(at + 1)
    .flatMap((line) => /^\s+- (.*)$/.exec(line)?.[1] ?? [])
    .map((item) => (item.startsWith("'") ? item.slice(1, -1).replaceAll("''", "'") : item))
    .join("\n");
}

let project: EvidenceProject;
let remote = "";

/** A run's work is committed with its evidence, and pushed. */
beforeEach(async () => {
  project = new EvidenceProject();
  project.repository.write(".gitattributes", ".kaizen/metrics/**/*.jsonl merge=union\n");
  project.commit("as init leaves it");
  remote = join(temporaryFolder(), "remote.git");
  project.repository.git("clone", "-q", "--bare", ".", remote);
  project.repository.git("remote", "add", "origin", remote);
  await project.seen("k1", () => project.repository.write("f", "better\n"));
  await project.reported("k1");
  commitAll("the run's work");
});

function commitAll(message: string): void {
  project.repository.git("add", "-A");
  project.repository.git("commit", "-q", "-m", message);
  project.repository.git("push", "-q", "origin", "main");
}

interface Ci {
  readonly script: string;
  readonly env: (commit: string) => Record<string, string>;
}

const systems: readonly (readonly [string, Ci])[] = [
  ["GitHub Actions", { script: literalBlock(github, "run"), env: (commit) => ({ GITHUB_SHA: commit }) }],
  [
    "GitLab CI",
    {
      script: listItems(gitlab, "script"),
      env: (commit) => ({
        CI_COMMIT_SHA: commit,
        CI_COMMIT_BRANCH: "main",
        KAIZEN_PUSH_TOKEN: "t0ken",
        CI_SERVER_HOST: "gitlab.example",
        CI_PROJECT_PATH: "acme/api",
        // The server of the example is the folder beside us.
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: `url.${remote}.insteadOf`,
        GIT_CONFIG_VALUE_0: "https://ci:t0ken@gitlab.example/acme/api.git",
      }),
    },
  ],
];

/** Clones the last commit, tests it, and takes the step. `meanwhile` happens before the step pushes. */
function runCi({ env, script }: Ci, report: string, meanwhile = () => {}) {
  const base = temporaryFolder();
  const [folder, home, bin] = [join(base, "clone"), join(base, "home"), join(base, "bin")];
  mkdirSync(home);
  writeProgram(
    join(bin, "npx"),
    `#!/bin/sh\n[ "$1 $2" = "--no kaizen-metrics" ] || exit 9\nshift 2\nexec "${process.execPath}" "${bundle}" "$@"\n`,
  );
  execFileSync("git", ["clone", "-q", "--depth", "1", `file://${remote}`, folder], { stdio: "pipe" });
  writeProgram(join(folder, "report.xml"), report);
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: folder, encoding: "utf8" }).trim();
  meanwhile();
  const { status, stderr, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", script], {
    cwd: folder,
    env: cleanEnvironment({ ...env(commit), HOME: home, PATH: `${bin}${delimiter}${process.env.PATH}`, CI: "true" }),
    encoding: "utf8",
  });
  return { status, stderr, stdout };
}

const report = (failure: string) => `<testsuite name="s"><testcase name="t">${failure}</testcase></testsuite>`;
const green = report("");
const red = report("<failure/>");

describe.each(systems)("the step for %s", (_, ci) => {
  test.each([
    ["a success", green, true],
    ["a failure", red, false],
  ])("brings %s to who pulls it", async (_what, written, success) => {
    const { status, stdout } = runCi(ci, written);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^run_\w+ of "code-reviewer": \w+ by ci, found by the same tree/m),
    ]);
    const pushed = project.repository.git("ls-remote", "origin", "main").split("\t")[0];
    project.repository.git("pull", "-q", "--rebase", "origin", "main");
    expect(project.head()).toBe(pushed);
    expect(project.repository.git("log", "-1", "--format=%s")).toBe("chore: what CI found of agents' runs [skip ci]");
    // Only what it found is in its commit.
    expect(project.repository.git("diff", "--name-only", "HEAD~1")).toBe(
      ".kaizen/metrics/code-reviewer/verifications.jsonl",
    );
    expect((await project.kaizen.summary("code-reviewer")).stats.verified).toMatchObject({
      runs: 1,
      successes: success ? 1 : 0,
    });
  });

  test("adds to what others pushed meanwhile, also to the same log", async () => {
    const meanwhile = () => {
      const path = ".kaizen/metrics/code-reviewer/executions.jsonl";
      const line = readFileSync(join(project.root, path), "utf8")
        .replace(/run_\w{20}/, `run_${"7".repeat(20)}`)
        .replace('"k1"', '"k9"');
      project.repository.write(path, readFileSync(join(project.root, path), "utf8") + line);
      commitAll("another run");
    };
    expect(runCi(ci, green, meanwhile)).toMatchObject({ status: 0 });
    project.repository.git("pull", "-q", "--rebase", "origin", "main");
    expect((await project.kaizen.summary("code-reviewer")).stats).toMatchObject({
      success: { runs: 2 },
      verified: { runs: 1 },
    });
  });

  test.each([
    ["no run", "<testsuite><testcase name='t'/></testsuite>"],
    ["no report that can be read", "<testsuite"],
  ])("leaves everything as it is after a commit with %s in it", (_what, written) => {
    project.repository.write("f", "a person's\n");
    commitAll("a person's work");
    const before = project.repository.git("ls-remote", "origin");
    expect(runCi(ci, written)).toMatchObject({ status: 0 });
    expect(project.repository.git("ls-remote", "origin")).toBe(before);
  });
});
