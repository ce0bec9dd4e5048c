import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRepository } from "../../../src/evidence/git/find-repository.ts";
import { plainListing } from "../../../src/evidence/git/private/plain-configuration.ts";
import { readTreeOf } from "../../../src/evidence/git/read-commit.ts";
import { type IndexEntry, treeIdOf } from "../../../src/evidence/git/working-copy/index-entries.ts";
import { addedTree, snapshotIn, testRepository } from "./repository.ts";

// Some of what git knows is read without it. Here it is held against git's own answer.

const CONFIGURATION = `
# a comment, "quoted"
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tBARE=false
   autocrlf =   input
\tempty =
[Remote "Origin.x"]
\turl = https://localhost/a b.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
; another
[branch "ü/main"]
\tmerge = refs/heads/main\x20\x20
[include]
\tpath = ../cfg
[user]
\tname = Ünal = n`;

test("a plain configuration is listed as git lists it", () => {
  expect(plainListing(Buffer.from(CONFIGURATION))).toEqual(listedByGit(CONFIGURATION));
  expect(plainListing(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
});

test.for([
  '[core]\n\teditor = "vi"\n',
  "[core]\n\teol = lf # why\n",
  "[core]\n\teol = lf ; why\n",
  "[core]\n\teol = l\\\nf\n",
  "[core]\n\teol = l\tf\n",
  "[core]\r\n\teol = lf\r\n",
  "[core]\n# a\r\n\teol = lf\n",
  "[core] eol = lf\n",
  "[core.x]\n\teol = lf\n",
  '[core "a\\"b"]\n\teol = lf\n',
  '[core\t"a"]\n\teol = lf\n',
  "[core]\n\tbare\n",
  "\ufeff[core]\n\teol = lf\n",
  "eol = lf\n",
  "[core]\n\te_l = lf\n",
  "[core]\n\teol = l\0f\n",
  "[core\n",
])("git itself reads %j", (text) => {
  expect(plainListing(Buffer.from(text))).toBeUndefined();
});

function listedByGit(text: string): Buffer {
  return execFileSync("git", ["config", "--null", "--list", "--no-includes", "--file", "-"], { input: text });
}

const entry = (name: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  mode: "100644",
  id: "78981922613b2afb6025042ff6bd878ac1994e85",
  stage: "0",
  name,
  isLookedAt: true,
  ...more,
});

test("the id of a tree is git's own, in whatever order its names sort", () => {
  const repository = testRepository();
  repository.sh(
    "mkdir a a0 a/b; for i in a.txt a/x a-b a0/y a/b/c 'a b' A; do echo a >\"$i\"; done; chmod +x A; ln -s a.txt l",
  );
  const tree = addedTree(repository);
  const listed = repository.git("ls-files", "--stage").split("\n");
  const entries = listed.map((line) => {
    const [, mode = "", id = "", name = ""] = /^(\d+) (\w+) 0\t(.+)$/.exec(line) ?? [];
    return entry(name, { mode, id });
  });
  expect(treeIdOf(entries, 40)).toBe(tree);
  expect(treeIdOf(entries.toReversed(), 40)).toBe(tree);
});

test.for<[string, IndexEntry[]]>([
  ["no entries", []],
  ["a side of a merge", [entry("f", { stage: "2" })]],
  ["what git does not look at", [entry("f", { isLookedAt: false })]],
  ["an unknown mode", [entry("f", { mode: "100664" })]],
  ["an id of another kind", [entry("f", { id: "0".repeat(64) })]],
  ["a file and a folder of one name", [entry("f"), entry("f/x")]],
  ["a folder and a file of one name", [entry("f/x"), entry("f")]],
  ["the same name twice", [entry("f"), entry("f")]],
  ["an empty step", [entry("a//b")]],
  ["an empty step at the end", [entry("a/")]],
  ["more than are hashed", Array.from({ length: 5_001 }, (_, at) => entry(`f${at}`))],
])("git is asked for the tree of %s", ([, entries]) => {
  expect(treeIdOf(entries, 40)).toBeUndefined();
});

test("a file that is only meant to be added, and assumed unchanged, is not in the tree", async () => {
  const repository = testRepository();
  repository.sh("echo s>s; git add -N s; git update-index --assume-unchanged s");
  expect((await snapshotIn(repository)).tree).toBe(addedTree(repository));
});

test("a file in the place of a folder that a sparse checkout leaves out", async () => {
  const repository = testRepository();
  repository.sh(`mkdir in out; echo i>in/i; echo o>out/o; git add -A; git commit -qm d
    git sparse-checkout set --cone in >/dev/null; echo o>out`);
  const { tree } = await snapshotIn(repository);
  repository.sh("git add -A --sparse");
  expect(tree).toBe(repository.git("write-tree"));
});

test("a commit in a file of its own tells its tree, one in a pack and one that is not what it says do not", async () => {
  const repository = testRepository();
  const first = repository.git("rev-parse", "HEAD");
  repository.sh("echo g>g; git add -A; git commit -qm g");
  const second = repository.git("rev-parse", "HEAD");
  const found = findRepository(repository.folder, repository.home);
  const before = await snapshotIn(repository);
  expect(readTreeOf(second, found)).toBe(before.tree);
  const file = join(repository.folder, objectFile(first));
  const content = readFileSync(file);
  chmodSync(file, 0o600);
  copyFileSync(join(repository.folder, objectFile(second)), file);
  expect(readTreeOf(first, found)).toBeUndefined();
  writeFileSync(file, "no object");
  expect(readTreeOf(first, found)).toBeUndefined();
  writeFileSync(file, content);
  repository.git("gc", "-q");
  expect(readTreeOf(second, found)).toBeUndefined();
  expect(await snapshotIn(repository)).toEqual(before);
});

function objectFile(id: string): string {
  return `.git/objects/${id.slice(0, 2)}/${id.slice(2)}`;
}
