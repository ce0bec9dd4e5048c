import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { blobMark } from "../../src/evidence/git/marks.ts";
import { openKaizen } from "../../src/open-kaizen.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { ago, EvidenceProject } from "./evidence-project.ts";

const DAY_MS = 86_400_000;
const UNKNOWN = "1234567890".repeat(4);

async function verified(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const { status, stderr, stdout } = await runCommandHere(["verify", ...args, "--json"], { root, env });
  expect(stderr).toBe("");
  const { commit, ...figures } = JSON.parse(stdout);
  return { status, commit, ...figures };
}

const green = (commit: string) => ["--commit", commit, "--success"];
const red = (commit: string) => ["--commit", commit, "--failure"];

/** By what each run was found that the command verified, and why others were found and left. */
async function outcome(root: string, args: readonly string[]) {
  const { left, verified: decided } = await verified(root, args);
  const found = decided.map(({ key, matched }: { key: string; matched: string }) => [key, matched]);
  return {
    decided: Object.fromEntries(found),
    left: left.map((one: { key: string; why: string }) => [one.key, one.why]),
  };
}

describe("a run that hooks saw is verified by the commit that", () => {
  test("has its tree, with its claim beside it", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => project.repository.write("f", "better\n"));
    const id = await project.reported("k1");
    const commit = project.commit("the run's work");
    expect(await verified(project.root, green(commit))).toEqual({
      status: 0,
      commit,
      success: true,
      verified: [{ agent: "code-reviewer", execution_id: id, key: "k1", matched: "tree", claimed: true }],
      left: [],
      candidates: 1,
    });
    expect(await project.hooks.runs()).toHaveLength(1);
    const { verifications } = await project.kaizen.executions("code-reviewer", { filter: {}, limit: 1 });
    expect(verifications.get(id)).toEqual([
      expect.objectContaining({
        verified_by: "ci",
        via: "cli",
        matched: "tree",
        evidence: `commit ${commit.slice(0, 12)}`,
      }),
    ]);
  });

  test("is judged again after a test that fails now and then: the last word on the same tree counts", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => project.repository.write("f", "better\n"));
    const id = await project.reported("k1");
    const commit = project.commit("the run's work");
    const judged = async (line: readonly string[]) => {
      const { already, left, status, verified: kept } = await verified(project.root, line);
      return { status, left, already, before: kept.map(({ before }: { before?: boolean }) => before) };
    };
    expect(await judged(red(commit))).toEqual({ status: 0, left: [], before: [undefined] });
    expect(await judged(green(commit))).toEqual({ status: 0, left: [], before: [false] });
    const already = [{ agent: "code-reviewer", execution_id: id, key: "k1", matched: "tree" }];
    expect(await judged(green(commit))).toEqual({ status: 0, left: [], before: [], already });
    const { verifications } = await project.kaizen.executions("code-reviewer", { filter: {}, limit: 1 });
    expect(verifications.get(id)?.map(({ success }) => success)).toEqual([false, true]);
    // What CI finds of a later commit is not of this run's work alone.
    project.repository.write("g", "another's\n");
    const later = project.commit("another's work");
    expect(await judged(red(later))).toMatchObject({ status: 1, before: [] });
  });

  test.each([
    ["amends its message", ["commit", "-q", "--amend", "-m", "another message"]],
    ["has the same changes in one commit more", ["commit", "-q", "--allow-empty", "-m", "an empty one"]],
  ])("%s", async (_, change) => {
    const project = new EvidenceProject();
    await project.seen("k1", () => project.repository.write("f", "better\n"));
    project.commit("the run's work");
    project.repository.git(...change);
    expect(await outcome(project.root, green("HEAD"))).toEqual({ decided: { k1: "tree" }, left: [] });
  });

  test("squashes it with what came before it on its branch", async () => {
    const project = new EvidenceProject();
    const { git, write } = project.repository;
    git("checkout", "-q", "-b", "work");
    write("g", "before\n");
    project.commit("before");
    await project.seen("k1", () => write("f", "better\n"));
    project.commit("the run's work");
    git("checkout", "-q", "main");
    git("merge", "-q", "--squash", "work");
    git("commit", "-q", "-m", "squashed");
    expect(await outcome(project.root, green("main"))).toEqual({ decided: { k1: "tree" }, left: [] });
  });

  test("rebases it, by its files: the tree has others' work in it", async () => {
    const project = new EvidenceProject();
    const { git, write } = project.repository;
    git("checkout", "-q", "-b", "work");
    await project.seen("k1", () => write("g", "the run's\n"));
    project.commit("the run's work");
    git("checkout", "-q", "main");
    write("h", "another's\n");
    project.commit("another's work");
    git("checkout", "-q", "work");
    git("rebase", "-q", "main");
    expect(await outcome(project.root, red("work"))).toEqual({ decided: { k1: "blobs" }, left: [] });
    // By the files alone another run may have made it: neither is judged.
    await project.noted("k2", { ...(await project.facts("k1")), tree: UNKNOWN, ended: ago() });
    await runCommandHere(["verify", "--undo"], { root: project.root });
    expect(await outcome(project.root, green("work"))).toEqual({
      decided: {},
      left: [
        ["k1", "several"],
        ["k2", "several"],
      ],
    });
  });

  test("holds the commits that it made itself, whatever came after", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => {
      project.repository.write("f", "better\n");
      project.commit("the run's own");
    });
    project.repository.write("f", "better still\n");
    const later = project.commit("a person's");
    expect(await outcome(project.root, green(later))).toEqual({ decided: { k1: "commits" }, left: [] });
  });
});

test("a run that changed nothing is decided by no commit", async () => {
  const project = new EvidenceProject();
  await project.seen("reader");
  expect(await project.facts("reader")).toMatchObject({ tree: (await project.facts("reader"))?.tree_start });
  const { stderr, stdout, status } = await runCommandHere(["verify", ...green("HEAD")], { root: project.root });
  expect([status, stderr]).toEqual([1, ""]);
  expect(stdout).toMatch(
    /^Commit [0-9a-f]{12} decides no run\. It is none of 1 undecided run; looked for were runs that/,
  );
});

test("two runs at work at once are decided together by a green commit, and by a red one not at all", async () => {
  const project = new EvidenceProject();
  await project.seen("k1", () => project.seen("k2", () => project.repository.write("f", "whose?\n")));
  expect(await project.facts("k1")).toMatchObject({ shared: true });
  project.commit("the work of both");
  expect(await outcome(project.root, red("HEAD"))).toEqual({
    decided: {},
    left: expect.arrayContaining([
      ["k1", "shared"],
      ["k2", "shared"],
    ]),
  });
  expect(await outcome(project.root, green("HEAD"))).toEqual({ decided: { k1: "tree", k2: "tree" }, left: [] });
});

test("a red build with the commits of two runs in it blames neither", async () => {
  const project = new EvidenceProject();
  const commits = ["one", "two"].map((name) => {
    project.repository.write(name, `${name}\n`);
    return project.commit(name);
  });
  for (const [at, commit] of commits.entries())
    await project.noted(`k${at + 1}`, { commits: [commit], head: commit, ended: ago() }, `agent-${at + 1}`);
  const { status, stdout } = await runCommandHere(["verify", ...red("HEAD")], { root: project.root });
  expect(status).toBe(1);
  expect(stdout.split("\n").slice(0, 2).sort()).toEqual([
    'k1 of "agent-1": found by its commits, and not decided: several runs are in this commit, and none of them alone is judged by it.',
    'k2 of "agent-2": found by its commits, and not decided: several runs are in this commit, and none of them alone is judged by it.',
  ]);
  expect(await outcome(project.root, red(commits[0] ?? ""))).toEqual({ decided: { k1: "commits" }, left: [] });
  expect(await outcome(project.root, green("HEAD"))).toEqual({ decided: { k2: "commits" }, left: [] });
});

test.each([
  ["six days before", 6, { decided: { k1: "blobs" }, left: [] }],
  ["eight days before", 8, { decided: {}, left: [] }],
])("files alone tell of a run that ended %s the commit", async (_, days, expected) => {
  const project = new EvidenceProject();
  await project.reported("k1");
  project.repository.write("g", "the run's\n");
  project.commit("the run's file, and more");
  const mark = blobMark(project.secret(), "g", project.head("HEAD:g"));
  await project.noted("k1", { blobs: [mark], first_seen: ago(days * DAY_MS + 1), ended: ago(days * DAY_MS) });
  // Only what has a tree or commits is looked for.
  await project.noted("k1", { tree: UNKNOWN, tree_start: UNKNOWN.replace("1", "2") });
  expect(await outcome(project.root, green("HEAD"))).toEqual(expected);
});

describe("what CI has said already", () => {
  test("is not said twice, and --undo takes it back", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => project.repository.write("f", "better\n"));
    const id = await project.reported("k1");
    project.commit("the run's work");
    expect(await verified(project.root, red("HEAD"))).toMatchObject({ status: 0, success: false });
    const again = await runCommandHere(["verify", ...red("HEAD")], { root: project.root });
    expect(again.stdout).toBe(
      `${id} of "code-reviewer": failure by ci already, found by the same tree; nothing was added.\n`,
    );
    expect((await project.kaizen.summary("code-reviewer")).stats.verified).toMatchObject({ runs: 1, successes: 0 });
    const { stdout } = await runCommandHere(["verify", "--undo"], { root: project.root });
    expect(stdout).toContain(`Taken back of ${id}: failure by ci`);
    expect(await verified(project.root, green("HEAD"))).toMatchObject({ status: 0, candidates: 1 });
  });

  test("makes a run of one that its agent never reported", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => project.repository.write("f", "better\n"));
    project.commit("the run's work");
    const { stdout } = await runCommandHere(["verify", ...red("HEAD"), "--evidence", "https://ci/9"], project);
    expect(stdout).toMatch(
      /^run_\w{20} of "code-reviewer": failure by ci, found by the same tree; its agent had not reported it\.\n$/,
    );
    expect(await project.hooks.runs()).toEqual([
      expect.objectContaining({ idempotency_key: "k1", success: false, recorded_by: "ci" }),
    ]);
    const { coverage, stats } = await project.kaizen.summary("code-reviewer");
    expect(stats.verified).toMatchObject({ runs: 1, successes: 0 });
    expect(coverage).toMatchObject({ started: 1, verified: 1 });
  });
});

describe("a commit is named", () => {
  test.each([
    ["by its first digits", (id: string) => id.slice(0, 8)],
    ["by HEAD", () => "HEAD"],
    ["by a branch", () => "main"],
    ["by its whole id", (id: string) => id],
  ])("%s", async (_, name) => {
    const project = new EvidenceProject();
    const commit = project.commit("the run's own");
    await project.noted("k1", { commits: [commit], ended: ago() });
    expect(await verified(project.root, green(name(commit)))).toMatchObject({ status: 0, commit });
  });

  test.each([
    ["deadbeef", "NOT_FOUND", 1],
    ["HEAD~1", "INVALID_ARGUMENT", 2],
    ["--all", "NOT_FOUND", 1],
    ["", "INVALID_ARGUMENT", 2],
  ])("not by %j", async (name, code, status) => {
    const project = new EvidenceProject();
    const ran = await runCommandHere(["verify", `--commit=${name}`, "--success", "--json"], { root: project.root });
    expect([ran.status, ran.stdout]).toEqual([status, ""]);
    expect(JSON.parse(ran.stderr).error).toMatchObject({ code });
  });

  test("and if it is unknown here, it is said what was looked for", async () => {
    const project = new EvidenceProject();
    await project.noted("k1", { commits: [project.head()], ended: ago() });
    const short = await runCommandHere(["verify", ...green("deadbeef")], { root: project.root });
    expect(short.stderr).toMatch(
      /There is no commit "deadbeef": the repository does not have it\. It was looked for in/,
    );
    const { status, stdout } = await runCommandHere(["verify", ...green(UNKNOWN)], { root: project.root });
    expect([status, stdout]).toEqual([
      1,
      "Commit 123456789012 decides no run. It is none of 1 undecided run; looked for were runs that made this commit; " +
        "the repository does not have it, so that its tree and its ancestors are not known.\n",
    ]);
  });
});

describe("without the repository's whole history", () => {
  test("a run is known by the whole id of its commit, if there is no repository", async () => {
    const root = temporaryFolder();
    const kaizen = openKaizen({ projectRoot: root, onNotice: () => {} });
    await kaizen.evidence.note(agentNameSchema.parse("coder"), { key: "k1", commits: [UNKNOWN], ended: ago() });
    await kaizen.close();
    expect(await verified(root, green(UNKNOWN))).toMatchObject({
      status: 0,
      unknown: "there is no repository, or no git program",
      verified: [{ key: "k1", matched: "commits", claimed: null }],
    });
    const { status, stderr } = await runCommandHere(["verify", ...green("HEAD")], { root });
    expect([status, stderr]).toEqual([1, expect.stringContaining("there is no repository, or no git program")]);
  });

  test("a clone of one commit knows a run by its tree, and none by commits before it", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => {
      project.repository.write("f", "better\n");
      project.commit("the run's own");
    });
    const tree = project.commit("an empty one");
    const lost = project.commit("its parent is not in the clone");
    await project.noted("k2", { commits: [project.head("HEAD~1")], ended: ago() }, "other");
    const clone = join(temporaryFolder(), "clone");
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${project.root}`, clone], { stdio: "pipe" });
    cpSync(join(project.root, ".kaizen", "metrics"), join(clone, ".kaizen", "metrics"), { recursive: true });
    expect(tree).not.toBe(lost);
    expect(await outcome(clone, green("HEAD"))).toEqual({ decided: { k1: "tree" }, left: [] });
  });
});

describe("in an agent's shell", () => {
  test("the word is kept as claimed, decides nothing, and makes no run of one that was not reported", async () => {
    const project = new EvidenceProject();
    await project.seen("k1", () => project.seen("k2", () => project.repository.write("f", "whose?\n")));
    const id = await project.reported("k1");
    project.commit("the work of both");
    const env = { CLAUDECODE: "1", CI: "true" };
    const { status, stdout } = await runCommandHere(["verify", ...green("HEAD")], { root: project.root, env });
    expect([status, stdout.split("\n")]).toEqual([
      0,
      [
        `${id} of "code-reviewer": claimed by ci, via cli: success, found by the same tree; it claimed success.`,
        'k2 of "code-reviewer": found by the same tree, and not decided: it was not reported, and a word that counts in no figure makes no run of it.',
        "That is kept as claimed. It counts in no figure, since an agent's shell has said it (CLAUDECODE is set).",
        expect.stringMatching(/^A person says it with/),
        "",
      ],
    ]);
    expect((await project.kaizen.summary("code-reviewer")).stats.verified).toMatchObject({
      runs: 0,
      claimed_by: { ci: 1 },
    });
    expect(await project.hooks.runs()).toHaveLength(1);
    expect(await verified(project.root, green("HEAD"), env)).toMatchObject({ unproven: true });
    // CI itself decides them still.
    expect(await outcome(project.root, green("HEAD"))).toEqual({ decided: { k1: "tree", k2: "tree" }, left: [] });
  });
});

test("only CI speaks of commits, and the run is not named besides", async () => {
  const { root } = new EvidenceProject();
  for (const args of [
    [...green("HEAD"), "--by", "human"],
    ["code-reviewer", ...green("HEAD")],
    [...green("HEAD"), "--last"],
    ["--commit", "HEAD"],
  ]) {
    const { status, stderr } = await runCommandHere(["verify", ...args], { root });
    expect([status, stderr]).toEqual([2, expect.stringMatching(/--commit|--success/)]);
  }
});
