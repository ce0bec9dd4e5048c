import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withCheckout } from "../../../src/evidence/git/checkout.ts";
import { withCommits } from "../../../src/evidence/git/commits.ts";
import { temporaryFolder } from "../../support/places.ts";
import { filesIn, SECRET, snapshotIn, testRepository, useTemporaryFolder, writeProgram } from "./repository.ts";

test("nothing of the working copy gets into the repository", async () => {
  const repository = testRepository();
  repository.sh(
    "echo secret>untracked; echo b>f; echo s>s; git add s; mkdir n; cd n; git init -q; git commit -q --allow-empty -m n",
  );
  const before = filesIn(repository.folder);
  const indexBefore = statSync(join(repository.folder, ".git/index"));
  const options = { git: repository.ours, limitMs: 60_000 };
  expect(await snapshotIn(repository)).toHaveProperty("tree");
  await withCommits(repository.folder, options, async (commits) => commits.blobMarksOf(commits.head ?? "", SECRET));
  await withCheckout(repository.folder, options, async ({ treeNow }) => treeNow());
  expect(filesIn(repository.folder)).toEqual(before);
  expect(statSync(join(repository.folder, ".git/index"))).toMatchObject({
    mtimeMs: indexBefore.mtimeMs,
    ino: indexBefore.ino,
  });
});

test("what killed processes have left is removed once it is old", async () => {
  const temporary = useTemporaryFolder();
  const repository = testRepository();
  const now = Date.now() / 1000;
  const ages = {
    "kaizen-git-old": 3_600,
    "kaizen-git-young": 60,
    "kaizen-tree-young": 3_600,
    "kaizen-tree-old": 200_000,
    "other-old": 1e6,
  };
  for (const [name, age] of Object.entries(ages)) {
    mkdirSync(join(temporary, name, "objects"), { recursive: true });
    utimesSync(join(temporary, name), now - age, now - age);
  }
  const elsewhere = temporaryFolder();
  mkdirSync(join(elsewhere, "kept"));
  symlinkSync(elsewhere, join(temporary, "kaizen-git-old/objects/link"));
  utimesSync(join(temporary, "kaizen-git-old"), now - 3_600, now - 3_600);
  const left = () => Object.keys(ages).filter((name) => existsSync(join(temporary, name)));
  await snapshotIn(repository);
  expect(left()).toEqual(["kaizen-git-young", "kaizen-tree-young", "kaizen-tree-old", "other-old"]);
  await withCheckout(repository.folder, { git: repository.ours, limitMs: 60_000 }, async () => 1);
  expect(left()).toEqual(["kaizen-git-young", "kaizen-tree-young", "other-old"]);
  expect(lstatSync(join(elsewhere, "kept")).isDirectory()).toBe(true);
});

test("the private folder is this user's alone, and never in the project", async () => {
  const repository = testRepository();
  const { ours, folder } = repository;
  repository.sh("mkdir tmp");
  const others = temporaryFolder();
  const log = join(others, "log");
  repository.sh("touch tmp/x; git add -A; git commit -qm tmp");
  const script = `#!/bin/sh\nstat -c '%a %n' "$GIT_DIR" >>'${log}'\nexec '${ours.program}' "$@"\n`;
  const git = { ...ours, program: writeProgram(join(others, "git"), script) };
  useTemporaryFolder(join(folder, "tmp"));
  const { tree } = await snapshotIn(repository, { git });
  expect(tree).toBe(repository.git("rev-parse", "HEAD^{tree}"));
  const seen = new Set(readFileSync(log, "utf8").trim().split("\n"));
  expect(seen.size).toBe(1);
  expect([...seen][0]).toMatch(/^700 \//);
  expect([...seen][0]).not.toContain(folder);
});
