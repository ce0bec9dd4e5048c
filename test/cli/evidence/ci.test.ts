import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nameOfRoot } from "../../../src/trust/seldom.ts";
import { writeForeignLines } from "../../support/foreign-writer.ts";
import { temporaryFolder } from "../../support/places.ts";
import { contextIn, KEY } from "../hook-project.ts";
import { AGENT, EvidenceProject } from "./evidence-project.ts";
import { type StandIn, standIn } from "./programs.ts";

// What session-start starts is awaited by Linux's list of processes.
const onLinux = describe.runIf(process.platform === "linux");
const url = "https://ci.example/1";

/** A program of CI's that answers with what is put into a file of the commit's name. */
class FakeCi {
  readonly #answers = temporaryFolder();
  readonly program: StandIn;

  constructor(name: "gh" | "glab") {
    this.program = standIn(name, `cat '${this.#answers}'/"$4" 2> /dev/null || echo '[]'`);
  }

  says(commit: string, runs: readonly object[]): void {
    writeFileSync(join(this.#answers, commit), JSON.stringify(runs));
  }

  gh(commit: string, conclusion: string, more: object = {}): object {
    return { conclusion, status: "completed", workflowName: "Tests", headSha: commit, event: "push", url, ...more };
  }
}

/** A project of which CI is asked, with a first commit. */
async function asking(ci: StandIn, ...flags: readonly string[]): Promise<EvidenceProject> {
  const project = new EvidenceProject({ takesPart: false });
  project.write("f", "a\n");
  await project.init(...flags);
  project.commit();
  project.env = { PATH: ci.path };
  return project;
}

function edit(project: EvidenceProject, content: string, key = KEY) {
  return project.agentRuns(
    (lines) => {
      project.write("f", content);
      lines.edited(join(project.root, "f"));
    },
    { key },
  );
}

/** A conversation begins, and what that has set off is over. */
async function begins(project: EvidenceProject): Promise<void> {
  const { status, stderr } = await project.hook("session-start", project.payload("session-start"));
  expect([status, stderr]).toEqual([0, ""]);
  await project.untilIdle();
}

/** When CI was asked last, as it stands beside the trust file. */
const lastAsked = (project: EvidenceProject) =>
  join(process.env.HOME ?? "", ".local/state/kaizen-metrics/ci", nameOfRoot(project.root));

onLinux("what CI says of a commit", () => {
  test("reaches the run that left its tree, when the next conversation begins, and at most once an hour", async () => {
    const ci = new FakeCi("gh");
    const project = await asking(ci.program, "--ci", "gh");
    await edit(project, "b\n");
    const commit = project.commit();
    await begins(project);
    expect([ci.program.calls().length, await project.verdicts()]).toEqual([1, []]);
    expect(ci.program.calls()[0]).toContain(`run list --commit ${commit} --json`);
    ci.says(commit, [ci.gh(commit, "success")]);
    await begins(project);
    expect(ci.program.calls()).toHaveLength(1);
    writeFileSync(lastAsked(project), String(Date.now() - 3_600_000));
    await begins(project);
    const word = { success: true, verified_by: "ci", via: "ci", matched: "tree", evidence: url };
    expect(await project.verdicts()).toEqual([{ key: KEY, success: true, recorded_by: "ci", said: [word] }]);
    // Nothing is undecided any more.
    writeFileSync(lastAsked(project), "0");
    await begins(project);
    expect(ci.program.calls()).toHaveLength(2);
  });

  test("reaches the run that made the commit, and left more than that", async () => {
    const ci = new FakeCi("gh");
    const project = await asking(ci.program, "--ci", "gh");
    const commits: string[] = [];
    await project.agentRuns((lines) => {
      project.write("f", "b\n");
      commits.push(project.commit());
      project.write("rest", "x\n");
      lines.edited("f").ran("git commit -qam b", "");
    });
    const [commit = ""] = commits;
    ci.says(commit, [ci.gh(commit, "failure")]);
    expect(JSON.parse((await project.run("ci", "--json")).stdout)).toEqual({
      commits: [
        {
          ...{ commit, verdict: "failure", url },
          verified: [{ agent: AGENT, execution_id: expect.any(String), matched: "commits" }],
        },
      ],
    });
    const word = { success: false, verified_by: "ci", via: "ci", matched: "commits", evidence: url };
    expect(await project.verdicts()).toEqual([{ key: KEY, success: false, recorded_by: "ci", said: [word] }]);
  });

  test("refutes what a run claims", async () => {
    const ci = new FakeCi("gh");
    const project = await asking(ci.program, "--ci", "gh");
    await project.kaizen.record({ agent: AGENT, success: true, idempotency_key: KEY });
    await edit(project, "b\n");
    const commit = project.commit();
    ci.says(commit, [ci.gh(commit, "failure")]);
    await begins(project);
    expect(await project.verdicts()).toMatchObject([{ success: true, said: [{ success: false, matched: "tree" }] }]);
  });

  test("is heard from glab as from gh", async () => {
    const ci = new FakeCi("glab");
    const project = await asking(ci.program, "--ci", "glab");
    await edit(project, "b\n");
    const commit = project.commit();
    ci.says(commit, [{ status: "success", source: "push", sha: commit, web_url: url, name: null }]);
    await begins(project);
    expect(await project.verdicts()).toMatchObject([{ said: [{ success: true, verified_by: "ci", via: "ci" }] }]);
    expect(ci.program.calls()).toEqual([expect.stringContaining(`ci list --sha ${commit}`)]);
  });

  test("counts only of the workflows that a person has named", async () => {
    const ci = new FakeCi("gh");
    const project = await asking(ci.program, "--ci", "gh", "--workflow", "Tests");
    await edit(project, "b\n");
    const commit = project.commit();
    const other = ci.gh(commit, "success", { workflowName: "Added by an agent" });
    ci.says(commit, [other]);
    expect((await project.run("ci")).stdout).toContain("nothing that counts was started for it");
    ci.says(commit, [other, ci.gh(commit, "success", { event: "workflow_dispatch" })]);
    expect((await project.run("ci")).stdout).toContain("nothing that counts was started for it");
    expect(await project.verdicts()).toEqual([]);
    ci.says(commit, [other, ci.gh(commit, "failure")]);
    await project.run("ci");
    expect(await project.verdicts()).toMatchObject([{ success: false }]);
  });

  test("is not asked for a commit whose workflows are not those of the default branch", async () => {
    const ci = new FakeCi("gh");
    const project = await asking(ci.program, "--ci", "gh");
    project.git("update-ref", "refs/remotes/origin/trunk", "HEAD");
    project.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk");
    await edit(project, "b\n");
    project.write(".github/workflows/green.yml", "on: push\n");
    project.git("add", "-A");
    // The run left exactly this tree.
    await project.agentEnds((lines) => lines.edited("f").edited(".github/workflows/green.yml"));
    const commit = project.commit();
    ci.says(commit, [ci.gh(commit, "success")]);
    expect((await project.run("ci")).stdout).toContain("its workflows are not those of the default branch");
    expect([ci.program.calls(), await project.verdicts()]).toEqual([[], []]);
    project.git("update-ref", "refs/remotes/origin/trunk", commit);
    await project.run("ci");
    expect(await project.verdicts()).toMatchObject([{ success: true }]);
  });
});

onLinux("CI is not asked", () => {
  async function undecided(...flags: readonly string[]) {
    const ci = new FakeCi("gh");
    const project = await asking(ci.program, ...flags);
    await edit(project, "b\n");
    project.commit();
    return { ci, project };
  }

  test("unless a person has said so, nor after they took that back, nor with KAIZEN_EVIDENCE=off", async () => {
    const { ci, project } = await undecided();
    await begins(project);
    expect(await project.run("ci")).toMatchObject({ status: 2, stderr: expect.stringContaining("CI is not asked") });
    await project.init("--ci", "gh");
    await project.init("--no-ci");
    await begins(project);
    await project.init("--ci", "gh");
    project.env = { ...project.env, KAIZEN_EVIDENCE: "off" };
    await begins(project);
    expect(await project.run("ci")).toMatchObject({ stderr: expect.stringContaining("KAIZEN_EVIDENCE is off") });
    expect([ci.program.calls(), existsSync(lastAsked(project))]).toEqual([[], false]);
    project.env = { PATH: ci.program.path };
    await begins(project);
    expect(ci.program.calls()).toHaveLength(1);
  });

  test("for a store that came with a clone, whatever that says", async () => {
    const ci = new FakeCi("gh");
    const project = new EvidenceProject();
    writeForeignLines(project.root, AGENT, [{ success: true, timestamp: "2026-11-20T00:00:00Z" }]);
    project.write(".kaizen/trust.json", JSON.stringify({ ci: { program: "gh", workflows: [] } }));
    project.commit();
    project.env = { PATH: ci.program.path };
    expect((await project.run("init", "--client", "claude-code", "--ci", "gh", "--force")).status).toBe(2);
    await begins(project);
    expect(ci.program.calls()).toEqual([]);
  });

  test("by a program of the project's own, and what CI's program starts is none of it either", async () => {
    const canary = join(temporaryFolder(), "ran");
    const { project } = await undecided("--ci", "gh");
    const inside = ["bin", "node_modules/.bin"].map((place) => join(project.root, place));
    for (const folder of inside) {
      for (const name of ["gh", "git"]) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, name), `#!/bin/sh\ntouch '${canary}'\necho '[]'\n`, { mode: 0o755 });
      }
    }
    const outside = join(temporaryFolder(), "node_modules/.bin");
    mkdirSync(outside, { recursive: true });
    symlinkSync(join(project.root, "bin/gh"), join(outside, "gh"));
    const places = [...inside, outside, "bin", "./node_modules/.bin", ""];
    project.env = { PATH: [...places, withGitAlone()].join(":") };
    expect(await project.run("ci")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("gh is not on the PATH"),
    });
    const honest = standIn("gh", "git --version > /dev/null; echo '[]'");
    project.env = { PATH: [...places, honest.folder, withGitAlone(), "/usr/bin", "/bin"].join(":") };
    expect(await project.run("ci")).toMatchObject({ status: 0 });
    expect([honest.calls().length, existsSync(canary)]).toEqual([1, false]);
  });
});

/** A folder for the PATH with git, and no program of CI's. */
function withGitAlone(): string {
  const folder = temporaryFolder();
  symlinkSync(execFileSync("which", ["git"], { encoding: "utf8" }).trim(), join(folder, "git"));
  return folder;
}

onLinux("a program of CI's that", () => {
  const programs: Record<string, readonly [script: string, told: string]> = {
    "is not logged in": [
      "echo 'To get started with GitHub CLI, please run:  gh auth login' >&2; exit 4",
      "is not logged in",
    ],
    "prints no JSON": ["echo 'Welcome\nto gh!'", "answered in a form that is not known here"],
    "prints something else": ['echo \'{"message": "Not Found"}\'', "answered in a form that is not known here"],
    "nests without an end": ["head -c 900000 /dev/zero | tr '\\0' '['", "answered in a form that is not known here"],
    "says why with escape sequences": [
      String.raw`printf '\033]0;x\007\033[31mHTTP 401: Bad credentials\033[0m\n' >&2; exit 1`,
      "is not logged in",
    ],
    "leaves a child that keeps its pipe": ["sleep 1000 & echo null", "answered in a form that is not known here"],
    "prints for ever": ["yes", "answered with more than 1 MiB"],
    hangs: ["exec sleep 1000", "did not answer within 10000 ms"],
    "cannot be started": ["exit 126", "failed (exit status 126)"],
  };

  test.each(Object.entries(programs))("%s is told of in one line, and breaks nothing", async (_, [script, told]) => {
    const gh = standIn("gh", script);
    const project = await asking(gh, "--ci", "gh");
    await project.kaizen.record({ agent: AGENT, success: true, idempotency_key: KEY });
    await edit(project, "b\n");
    project.commit();
    const log = readFileSync(join(project.root, ".kaizen/metrics", AGENT, "executions.jsonl"), "utf8");
    // The conversation begins while it is at work, and waits for nothing of it.
    const begun = await project.hook("session-start", project.payload("session-start"));
    expect(contextIn(begun, "SessionStart")).toContain("1 agent, 1 run");
    const { status, stderr, stdout } = await project.run("ci");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^kaizen-metrics: gh \P{Cc}+\n$/u);
    expect(stderr).toContain(told);
    await project.untilIdle();
    expect(gh.calls()).toHaveLength(2);
    expect(readFileSync(join(project.root, ".kaizen/metrics", AGENT, "executions.jsonl"), "utf8")).toBe(log);
    expect(await project.verdicts()).toMatchObject([{ said: [] }]);
  });

  test("is missing is told of in the same way", async () => {
    const project = await asking(standIn("other", "exit 0"), "--ci", "gh");
    project.env = { PATH: withGitAlone() };
    await edit(project, "b\n");
    project.commit();
    await begins(project);
    expect(await project.run("ci")).toEqual({
      ...{ status: 1, stdout: "" },
      stderr: expect.stringMatching(/^kaizen-metrics: gh is not on the PATH\. [^\n]+\n$/),
    });
  });
});
