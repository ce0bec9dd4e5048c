import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newFile } from "../../src/cli/export/new-file.ts";
import { openFolder } from "../../src/cli/input/open-folder.ts";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";
import { shell } from "../support/shell.ts";

/** A project with one run, in a folder of its own beside which there is room. */
function project(): { home: string; root: string } {
  const home = realpathSync(temporaryFolder());
  const root = join(home, "repo");
  mkdirSync(root);
  writeForeignLines(root, "reviewer", [{ id: idOf(1), success: true, timestamp: "2026-11-22T10:00:00Z" }]);
  return { home, root };
}

/** Names of open files, as Linux and macOS have them. */
const isUnix = process.platform !== "win32";

test.runIf(isUnix).each([
  ["stdout into a pipe", '"$NODE" "$K" export --output /dev/stdout | cat'],
  ["stdout into a file", '"$NODE" "$K" export --output /dev/stdout > got; cat got'],
  ["stdout by its number", '"$NODE" "$K" export --output /dev/fd/1 | cat'],
  ["stdout by a link of the user's", 'ln -s /dev/stdout ../out; "$NODE" "$K" export --output ../out | cat'],
])("a name of %s means stdout, and what is said goes to stderr", async (_, line) => {
  const { root } = project();
  const { stderr, stdout } = await shell(line, root);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one).id),
  ).toEqual([idOf(1)]);
  expect(stderr).toBe("kaizen-metrics: 1 run of 1 agent.\n");
});

test.runIf(isUnix).each([
  ["a process substitution", '"$NODE" "$K" export --output >(cat > got; echo > done); read < done; cat got'],
  ["a named pipe", 'mkfifo p; cat p > got & "$NODE" "$K" export --output p; wait; cat got'],
  ["stderr", '"$NODE" "$K" export --output /dev/stderr 2> got; cat got'],
  [
    "a file that the shell opened, at its end",
    'echo "{}" > got; "$NODE" "$K" export --output /dev/fd/7 7>> got; sed 1d got',
  ],
])("the runs go into %s", async (_, line) => {
  const { root } = project();
  execFileSync("mkfifo", [join(root, "done")]);
  const { stdout } = await shell(line, root);
  const [said = "", ...runs] = stdout.trimEnd().split("\n");
  expect(said).toMatch(/^1 run of 1 agent to .+\.$/);
  expect(runs.map((one) => JSON.parse(one).id)).toEqual([idOf(1)]);
});

test.runIf(isUnix)(
  "a reader of a named output that has gone ends the export without a word, as on stdout",
  async () => {
    const { root } = project();
    const gone = await shell('exec 7> >(true); wait $!; "$NODE" "$K" export --output /dev/fd/7', root);
    expect(gone).toEqual({ stdout: "", stderr: "", status: 0 });
  },
);

test.runIf(process.platform === "linux").each([
  ["/dev/fd/99", 2, "no file or pipe is open there"],
  ["/dev/full", 1, "(ENOSPC). Free some space"],
  ["/dev/stdin", 1, "(EBADF). It is not open for that"],
  ["../file/runs.csv", 1, "(ENOTDIR). A file stands where the path needs a folder"],
  [".", 1, "(EISDIR). That is a folder"],
  ["x".repeat(300), 1, "(ENAMETOOLONG). The name is too long"],
  ["../round", 1, "links that go round in circles"],
])("what cannot be written is refused with the truth: %s", async (output, status, words) => {
  const { home, root } = project();
  writeFileSync(join(home, "file"), "");
  symlinkSync("round", join(home, "round"));
  const refused = await shell(`"$NODE" "$K" export --output '${output}' < ../file`, root);
  expect(refused).toMatchObject({ status, stdout: "" });
  expect(refused.stderr).toContain(words);
});

test.runIf(process.platform === "linux")(
  "a limit of the process is no full disk, in a file or in the store",
  async () => {
    const { root } = project();
    const note = "n".repeat(5_000);
    writeForeignLines(root, "writer", [{ id: idOf(2), success: true, notes: note, timestamp: "2026-11-22T10:00:00Z" }]);
    const line = '"$NODE" "$K" export --output ../runs.jsonl; "$NODE" "$K" record writer --success';
    const { stderr } = await shell(`ulimit -f 1; ${line}`, root);
    expect(stderr).toMatch(
      /\(EFBIG\)\. That is more than one file may hold here.*\n.*may be \(EFBIG\) while recording/,
    );
    expect(stderr).not.toContain("full");
    expect(readdirSync(join(root, ".."))).toEqual(["repo"]);
  },
);

test.each([
  ["a file", "runs.csv", "../.bashrc", "runs.csv"],
  ["a file that is not there", "runs.csv", "../.profile", "runs.csv"],
  ["a folder", "out", "..", "out/.bashrc"],
  ["a folder, by several", "out", "way/..", "out/../out/.bashrc"],
  ["another file of the project", "runs.csv", "Makefile", "runs.csv"],
])("a link of the project to %s is not followed", async (_, link, target, output) => {
  const { home, root } = project();
  for (const file of [join(home, ".bashrc"), join(root, "Makefile")]) writeFileSync(file, "mine\n");
  symlinkSync("..", join(root, "way"));
  symlinkSync(target, join(root, link));
  const before = readdirSync(home).sort();
  for (const given of [output, join(root, output)]) {
    const refused = await runCommandHere(["export", "--format", "csv", "--output", given], { cwd: root });
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("is a link of the project, to ");
  }
  expect(readFileSync(join(home, ".bashrc"), "utf8") + readFileSync(join(root, "Makefile"), "utf8")).toBe(
    "mine\nmine\n",
  );
  expect(readdirSync(home).sort()).toEqual(before);
});

test("also where the project is another than the one whose runs they are, and where it is entered by a link", async () => {
  const { home, root } = project();
  const clone = join(home, "clone");
  mkdirSync(join(clone, ".git"), { recursive: true });
  symlinkSync("../mine", join(clone, "runs.csv"));
  symlinkSync("clone", join(home, "entry"));
  for (const folder of ["clone", "entry"]) {
    const output = join(home, folder, "runs.csv");
    expect(await runCommandHere(["export", "--output", output], { root })).toMatchObject({ status: 1 });
    expect(await runCommandHere(["export", "--output", "runs.csv"], { root, cwd: join(home, folder) })).toMatchObject({
      status: 1,
    });
  }
  expect(existsSync(join(home, "mine"))).toBe(false);
});

test("the path that a link leads to is written to where it was typed, and so is one through links outside of projects", async () => {
  const { home, root } = project();
  mkdirSync(join(home, "data"));
  symlinkSync("data", join(home, "link"));
  symlinkSync("../link", join(root, "out"));
  for (const output of ["../link/runs.jsonl", "../repo/runs.jsonl", join(home, "link", "more.jsonl")]) {
    expect(await runCommandHere(["export", "--output", output], { cwd: root })).toMatchObject({ status: 0 });
  }
  expect(readdirSync(join(home, "data")).sort()).toEqual(["more.jsonl", "runs.jsonl"]);
  expect(readFileSync(join(root, "runs.jsonl"), "utf8")).toContain(idOf(1));
});

test.skipIf(process.getuid?.() === 0)("a folder that may be written to but not listed is written to", async () => {
  const { home, root } = project();
  chmodSync(home, 0o300);
  onTestFinished(() => chmodSync(home, 0o700));
  expect(await runCommandHere(["export", "--output", join(home, "a.jsonl")], { root })).toMatchObject({ status: 0 });
});

test.runIf(isUnix)("a held folder is known again, and what has come in its place is not", () => {
  const { home, root } = project();
  const folder = join(root, "out");
  mkdirSync(folder);
  const held = openFolder(folder);
  onTestFinished(() => held.close());
  writeFileSync(held.at("a"), "mine");
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("mine");
  const own = openedFor(held.at("a"));
  held.expectHolds("a", own);
  renameSync(folder, join(root, "before"));
  symlinkSync(home, folder);
  // What is named by the folder lands in it, wherever it is now, and never behind the link.
  if (process.platform === "linux") writeFileSync(held.at("b"), "mine");
  expect(existsSync(join(home, "b"))).toBe(false);
  expect(() => held.expectHolds("a", own)).toThrow("was exchanged for another one");
  expect(() => openFolder(folder)).toThrow();
});

test.runIf(process.platform === "linux")(
  "a folder that was opened through an exchanged one above it holds nothing",
  () => {
    const { home, root } = project();
    const way = join(root, "out");
    for (const one of [join(way, "sub"), join(home, "sub")]) mkdirSync(one, { recursive: true });
    renameSync(way, `${way}-aside`);
    symlinkSync(home, way);
    const held = openFolder(join(way, "sub"));
    onTestFinished(() => held.close());
    writeFileSync(held.at("a"), "");
    const own = openedFor(held.at("a"));
    rmSync(way);
    renameSync(`${way}-aside`, way);
    // By its name it is the same file, as it is to who looks while the link stands there.
    linkSync(join(home, "sub/a"), join(way, "sub/a"));
    expect(() => held.expectHolds("a", own)).toThrow("was exchanged for another one");
  },
);

test.runIf(process.platform === "linux")(
  "an export whose folder is exchanged while it is written says so, and leaves nothing",
  async () => {
    const { home, root } = project();
    const folder = join(root, "out");
    mkdirSync(folder);
    const output = await newFile("out/runs.csv", { kind: "file", path: join(folder, "runs.csv"), stats: undefined });
    await output.write("one\n");
    renameSync(folder, `${folder}-aside`);
    symlinkSync(home, folder);
    await expect(output.finish()).rejects.toThrow("was exchanged for another one");
    await output.abandon();
    expect([readdirSync(`${folder}-aside`), readdirSync(home)]).toEqual([[], ["repo"]]);
  },
);

function openedFor(path: string): number {
  const descriptor = openSync(path, "r");
  onTestFinished(() => closeSync(descriptor));
  return descriptor;
}
