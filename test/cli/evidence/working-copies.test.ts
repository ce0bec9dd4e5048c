import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Facts } from "../../../src/domain/evidence/evidence.ts";
import { writeForeignLines } from "../../support/foreign-writer.ts";
import { temporaryFolder } from "../../support/places.ts";
import { KEY } from "../hook-project.ts";
import { AGENT, EvidenceProject, nextSecond } from "./evidence-project.ts";
import { standIn } from "./programs.ts";

const ofGit: readonly (keyof Facts)[] = ["head", "head_start", "tree", "tree_start", "blobs", "config", "config_start"];
const knownOfGit = (facts: Facts | undefined) => ofGit.filter((name) => facts?.[name] !== undefined);

describe("git", () => {
  test("is not started for a store that came with a clone, and is once that was accepted", async () => {
    const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
    const git = standIn("git", `exec '${real}' "$@"`);
    const project = new EvidenceProject();
    writeForeignLines(project.root, AGENT, [{ success: true, timestamp: "2026-11-20T00:00:00Z" }]);
    project.commit();
    project.env = { PATH: git.path };
    await project.agentRuns((lines) => lines.edited("f"));
    expect(git.calls()).toEqual([]);
    expect(knownOfGit(await project.facts())).toEqual([]);
    await project.run("trust", "--yes");
    await project.agentRuns((lines) => lines.edited("f"), { key: "a0000000000000002" });
    expect(git.calls().length).toBeGreaterThan(0);
    expect(knownOfGit(await project.facts("a0000000000000002"))).toContain("tree");
  });

  test("is not asked in a folder without a repository, nor in a bare one", async () => {
    const plain = new EvidenceProject({ isRepository: false });
    rmSync(join(plain.root, ".git"), { recursive: true });
    await plain.agentRuns((lines) => lines.edited("f"));
    expect(await plain.facts()).toMatchObject({ edits: 1, git_left_out: "no_git" });
    expect(knownOfGit(await plain.facts())).toEqual([]);

    const bare = new EvidenceProject({ isRepository: false });
    rmSync(join(bare.root, ".git"), { recursive: true });
    bare.git("init", "-q", "--bare", ".");
    await bare.agentRuns((lines) => lines.edited("f"));
    expect(await bare.facts()).toMatchObject({ edits: 1, git_left_out: "bare" });
    expect(knownOfGit(await bare.facts())).toEqual([]);
  });

  test("starts nothing that a hostile repository names, from start to end", async () => {
    const project = new EvidenceProject();
    const canary = join(temporaryFolder(), "ran");
    const evil = standIn("evil", `touch '${canary}'; cat`);
    const program = join(evil.folder, "evil");
    project.write("f", "a\n");
    project.commit();
    for (const [name, value] of [
      ["core.fsmonitor", program],
      ["core.hooksPath", evil.folder],
      ["filter.x.clean", program],
      ["filter.x.smudge", program],
      ["diff.external", program],
    ] as const) {
      project.git("config", name, value);
    }
    project.write(".git/info/attributes", "f filter=x\n");
    project.write("node_modules/.bin/git", `#!/bin/sh\ntouch '${canary}'\n`);
    execFileSync("chmod", ["755", join(project.root, "node_modules/.bin/git")]);
    project.env = { PATH: `${join(project.root, "node_modules/.bin")}:./node_modules/.bin:${process.env.PATH}` };
    await project.agentRuns((lines) => {
      project.write("f", "b\n");
      lines.edited("f");
    });
    expect(existsSync(canary)).toBe(false);
    expect(await project.facts()).toMatchObject({ edits: 1, git_left_out: "filter" });
    // That it would run shows that this test can fail.
    project.git("add", "f");
    expect(existsSync(canary)).toBe(true);
  });
});

describe("two agents at once", () => {
  const OTHER = "b3f9c2d17be40586f";

  test("in one checkout share its tree, and both are marked so; one after the other are not", async () => {
    const project = new EvidenceProject();
    project.write("f", "a\n");
    project.commit();
    await Promise.all([project.start(), project.start({ agent_id: OTHER })]);
    for (const key of [KEY, OTHER]) await project.agentEnds((lines) => lines.edited("f"), { key });
    expect([await project.facts(), await project.facts(OTHER)]).toMatchObject([{ shared: true }, { shared: true }]);
    await nextSecond();
    await project.agentRuns((lines) => lines.edited("f"), { key: "c3f9c2d17be40586f" });
    expect(await project.facts("c3f9c2d17be40586f")).not.toHaveProperty("shared");
  });

  test("in linked working copies share nothing, and each has its own tree", async () => {
    const project = new EvidenceProject();
    project.write("f", "a\n");
    project.commit();
    const linked = join(temporaryFolder(), "linked");
    project.git("worktree", "add", "-q", linked);
    mkdirSync(join(linked, "deep"));
    const more = { cwd: join(linked, "deep") };
    await Promise.all([project.start(), project.start({ agent_id: OTHER, ...more })]);
    project.write("f", "b\n");
    await project.agentEnds((lines) => lines.edited("f"));
    await project.agentEnds((lines) => lines.edited("f"), { key: OTHER, more });
    const [here, there] = [await project.facts(), await project.facts(OTHER)];
    for (const facts of [here, there]) expect(facts).not.toHaveProperty("shared");
    expect(here?.checkout).not.toBe(there?.checkout);
    expect([there?.tree === there?.tree_start, here?.tree === here?.tree_start]).toEqual([true, false]);
  });
});

describe("what decides the tests", () => {
  test("and was changed in the run is noted, also if the agent was taken up again after that", async () => {
    const project = new EvidenceProject();
    project.write("package.json", '{"scripts":{"test":"vitest run"}}');
    project.commit();
    await project.agentRuns((lines) => {
      project.write("package.json", '{"scripts":{"test":"echo 5 passed"}}');
      lines.ran("node patch.js", "");
    });
    const first = await project.facts();
    expect(first?.flags).toEqual(["config_changed"]);
    await project.agentRuns((lines) => lines.edited("f"));
    const again = await project.facts();
    expect([again?.flags, again?.config_start]).toEqual([["config_changed"], first?.config_start]);
    expect(again?.config).not.toBe(again?.config_start);
  });
});

test("a run's commits are known, and files that were changed before it are not its own", async () => {
  const project = new EvidenceProject();
  project.write("mine", "a\n");
  project.commit();
  project.write("mine", "b\n");
  const commits: string[] = [];
  await project.agentRuns((lines) => {
    project.write("theirs", "x\n");
    project.git("add", "theirs");
    project.git("commit", "-qm", "theirs");
    commits.push(project.git("rev-parse", "HEAD"));
    lines.edited("theirs").ran("git commit -qm theirs", "");
  });
  expect(await project.facts()).toMatchObject({ commits, blobs: [expect.stringMatching(/^[0-9a-f]{12}$/)] });
});
