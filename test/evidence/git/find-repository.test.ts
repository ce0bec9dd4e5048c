import { chownSync, lchownSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRepository } from "../../../src/evidence/git/find-repository.ts";
import { temporaryFolder } from "../../support/places.ts";
import { snapshotIn, testRepository } from "./repository.ts";

test("a repository is found upwards", () => {
  const { folder, home } = testRepository();
  mkdirSync(join(folder, "a/b"), { recursive: true });
  // No repository: git goes on upwards as well.
  mkdirSync(join(folder, "a/.git"));
  const found = { worktree: realpathSync(folder), gitDir: join(folder, ".git"), commonDir: join(folder, ".git") };
  for (const name of ["", "a", "a/b", ".git", ".git/refs"])
    expect(findRepository(join(folder, name), home)).toEqual(found);
});

test("a linked working copy and a submodule name the folders of what git keeps", () => {
  const { folder, home, sh } = testRepository();
  sh(
    "git worktree add -q ../linked; git init -q ~/lib; (cd ~/lib; git commit -q --allow-empty -m l); git submodule --quiet add ~/lib lib",
  );
  const git = join(folder, ".git");
  expect(findRepository(join(folder, "../linked"), home)).toMatchObject({
    gitDir: join(git, "worktrees/linked"),
    commonDir: git,
  });
  const lib = join(git, "modules/lib");
  expect(findRepository(join(folder, "lib"), home)).toEqual({
    worktree: join(folder, "lib"),
    gitDir: lib,
    commonDir: lib,
  });
});

test("a bare repository is none, nor is one that says it is bare", async () => {
  const { folder, home, sh, ...rest } = testRepository();
  sh("git init -q --bare ../bare.git; mkdir -p ../bare.git/deep");
  for (const name of ["", "deep", "refs/heads"]) {
    expect(() => findRepository(join(folder, "../bare.git", name), home)).toThrow("left out: bare");
  }
  sh("git config core.bare true");
  expect(await snapshotIn({ folder, home, sh, ...rest })).toMatchObject({ leftOut: "bare" });
  // Around a bare repository, working copies are linked ones.
  sh("git worktree add -q ../linked");
  expect(await snapshotIn({ folder: join(folder, "../linked"), home, sh, ...rest })).toHaveProperty("tree");
});

test("without a repository there is nothing to say", async () => {
  const { home, ...rest } = testRepository();
  expect(await snapshotIn({ ...rest, home, folder: home })).toEqual({ leftOut: "no_git" });
  expect(await snapshotIn({ ...rest, home }, { git: undefined })).toEqual({ leftOut: "no_git" });
  expect(await snapshotIn({ ...rest, home, folder: join(home, "missing") })).toEqual({ leftOut: "failed" });
});

test("a home folder in git is a repository from itself, and not from the folders in it", async () => {
  const repository = testRepository();
  const { folder } = repository;
  mkdirSync(join(folder, "notes"));
  expect(findRepository(folder, folder)).toHaveProperty("worktree", folder);
  expect(() => findRepository(join(folder, "notes"), folder)).toThrow("left out: no_git");
  for (const HOME of ["", join(folder, "missing")]) {
    expect(
      await snapshotIn({
        ...repository,
        folder: join(folder, "notes"),
        ours: { ...repository.ours, env: { ...repository.ours.env, HOME } },
      }),
    ).toHaveProperty("tree");
  }
  expect(findRepository(join(folder, "notes"), undefined)).toHaveProperty("worktree", folder);
});

test.for([
  "",
  "gitdir: missing",
  "gitdir: ../elsewhere",
  "gitdir: /dev",
  "gitdir: ",
  "gitdir: a\nb",
  "x".repeat(100_000),
])("a file `.git` that leads to no repository: %#", async (content) => {
  const { home, ...rest } = testRepository();
  const folder = temporaryFolder();
  mkdirSync(join(folder, "elsewhere"));
  writeFileSync(join(folder, ".git"), content);
  expect((await snapshotIn({ ...rest, home, folder })).leftOut).toMatch(/^(?:failed|size)$/);
});

/** Only the system's first user may give files away. */
test.runIf(process.geteuid?.() === 0).for(["", ".git", "link"])(
  "a repository of another user is none: %s",
  async (name) => {
    const repository = testRepository();
    const { folder } = repository;
    if (name === "link") {
      repository.sh("mv .git ../moved; ln -s ../moved .git");
      lchownSync(join(folder, ".git"), 12_345, 12_345);
    } else {
      chownSync(join(folder, name), 12_345, 12_345);
    }
    expect(await snapshotIn(repository)).toEqual({ leftOut: "not_ours" });
  },
);

test.runIf(process.geteuid?.() === 0)("a linked working copy of another user's repository is none", async () => {
  const repository = testRepository();
  repository.sh("git worktree add -q ../linked");
  chownSync(join(repository.folder, ".git"), 12_345, 12_345);
  expect(await snapshotIn({ ...repository, folder: join(repository.folder, "../linked") })).toEqual({
    leftOut: "not_ours",
  });
});
