import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { silent } from "../hook-project.ts";
import { AGENT, EvidenceProject } from "./evidence-project.ts";
import { standIn } from "./programs.ts";

// A process is most of what git costs a hook, and a client waits for hooks. What each starts is written here, so that one
// more is seen.

const CLEAN = ["config", "ls-files"];
const CHANGED = [...CLEAN, "update-index", "diff-index"];

/** Which commands of git the hooks of one run start: as it begins, as it ends after a change, and as the turn ends. */
async function startedIn(project: EvidenceProject) {
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  const git = standIn("git", `exec '${real}' "$@"`);
  let known = 0;
  const newCalls = () => {
    const calls = git.calls().slice(known);
    known += calls.length;
    return calls.map((call) => call.split(" ")[0]);
  };
  project.env = { PATH: git.path };
  await project.start();
  const start = newCalls();
  project.write("src/made", "by the agent\n");
  await project.agentEnds((lines) => lines.edited("src/made"));
  await project.untilIdle();
  const end = newCalls();
  const stop = { ...JSON.parse(project.payload("subagent-stop")), hook_event_name: "Stop" };
  silent(await project.hook("stop", JSON.stringify(stop)));
  expect((await project.facts())?.tree === undefined).toBe(end.length === 0);
  return { start, end, turn: newCalls() };
}

function committed(options: { root?: string } = {}): EvidenceProject {
  const project = new EvidenceProject(options);
  project.write("src/f", "a\n");
  project.write("package.json", "{}\n");
  project.commit();
  return project;
}

test("a hook in a working copy as it was committed starts git twice, and four times once it has changed", async () => {
  expect(await startedIn(committed())).toEqual({ start: CLEAN, end: CHANGED, turn: [] });
});

test("a working copy that was changed before the run", async () => {
  const project = committed();
  project.write("src/f", "b\n");
  project.write("new/package.json", "{}\n");
  expect(await startedIn(project)).toEqual({ start: CHANGED, end: CHANGED, turn: [] });
});

test.for<[string, (main: EvidenceProject, root: string) => void]>([
  ["linked working copy", (main, root) => main.git("worktree", "add", "-q", root)],
  [
    "submodule",
    (main, root) =>
      main.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", main.root, relative(main.root, root)),
  ],
])("a %s takes no more", async ([, make]) => {
  const main = committed();
  const project = new EvidenceProject({ root: join(main.root, "sub"), isRepository: false, takesPart: false });
  rmSync(project.root, { recursive: true });
  make(main, project.root);
  expect(await startedIn(project)).toEqual({ start: CLEAN, end: CHANGED, turn: [] });
});

test("a repository before its first commit", async () => {
  expect(await startedIn(new EvidenceProject())).toEqual({ start: CHANGED, end: CHANGED, turn: [] });
});

test("a commit in a pack is one question more, and so are attributes of files", async () => {
  const project = committed();
  project.git("gc", "-q");
  project.write(".gitattributes", "*.bin binary\n");
  project.git("add", "-A");
  const { start, end } = await startedIn(project);
  expect(start).toEqual([...CLEAN, "diff-index"]);
  expect(end.toSorted()).toEqual([...CHANGED, "check-attr"].toSorted());
});

test("what the run has committed is two questions more", async () => {
  const project = committed();
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  await project.start();
  project.write("src/f", "b\n");
  project.git("commit", "-qm", "c", "src/f");
  const git = standIn("git", `exec '${real}' "$@"`);
  project.env = { PATH: git.path };
  await project.agentEnds((lines) => lines.edited("src/f"));
  expect(git.calls().map((call) => call.split(" ")[0])).toEqual([...CLEAN, "diff-index", "log", "cat-file"]);
});

test("without a repository there is no process", async () => {
  const project = new EvidenceProject({ isRepository: false });
  rmSync(join(project.root, ".git"), { recursive: true });
  expect(await startedIn(project)).toEqual({ start: [], end: [], turn: [] });
  expect(project.agents()).toEqual([AGENT]);
});
