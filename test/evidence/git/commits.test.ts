import { join } from "node:path";
import { expect, test } from "vitest";
import { type Commits, withCommits } from "../../../src/evidence/git/commits.ts";
import { repositoryIn, SECRET, snapshotIn, type TestRepository, testRepository } from "./repository.ts";

async function ask<T>(repository: TestRepository, use: (commits: Commits) => Promise<T>): Promise<T> {
  const given = await withCommits(repository.folder, { git: repository.ours, limitMs: 60_000 }, use);
  if (!("answer" in given)) throw new Error(`left out: ${given.leftOut}`);
  return given.answer;
}

/** A line of commits, one for each name, each with a file of that name. Gives their ids. */
function commitEach({ git, sh }: TestRepository, ...names: string[]): string[] {
  return names.map((name) => {
    sh(`echo ${name}>${name}; git add ${name}; git commit -qm ${name}`);
    return git("rev-parse", "HEAD");
  });
}

test("commits are listed with their trees, newest first", async () => {
  const repository = testRepository();
  const ids = [repository.git("rev-parse", "HEAD"), ...commitEach(repository, "a", "b", "c")].reverse();
  const trees = ids.map((id) => repository.git("rev-parse", `${id}^{tree}`));
  const [recent, two] = await ask(repository, async (commits) => [await commits.recent(200), await commits.recent(2)]);
  expect(recent?.map(({ commit }) => commit)).toEqual(ids);
  expect(recent?.map(({ tree }) => tree)).toEqual(trees);
  expect(recent?.[0]?.committedAt).toBe(Number(repository.git("log", "-1", "--format=%ct")));
  expect(two).toEqual(recent?.slice(0, 2));
  expect(await ask(repository, (commits) => commits.treeOf(ids[1] ?? ""))).toBe(trees[1]);
});

test("the commits between two", async () => {
  const repository = testRepository();
  const [a = "", b, c = ""] = commitEach(repository, "a", "b", "c");
  await ask(repository, async (commits) => {
    const idsBetween = async (from: string | undefined, to: string, most: number) =>
      (await commits.between(from, to, most))?.map(({ commit }) => commit);
    expect(await idsBetween(a, c, 20)).toEqual([c, b]);
    expect(await idsBetween(a, c, 1)).toEqual([c]);
    expect(await idsBetween(c, c, 20)).toEqual([]);
    expect(await idsBetween(c, a, 20)).toEqual([]);
    expect(await idsBetween(undefined, a, 20)).toHaveLength(2);
    expect(await idsBetween("0".repeat(40), c, 20)).toBeUndefined();
    expect(await idsBetween(a, "HEAD", 20)).toBeUndefined();
    expect(await idsBetween(a, "--all", 20)).toBeUndefined();
  });
});

test("which commits lead to one", async () => {
  const repository = testRepository();
  const [a = "", b = ""] = commitEach(repository, "a", "b");
  repository.sh(`git checkout -q -b other ${a}`);
  const [o = "", p = ""] = commitEach(repository, "o", "p");
  const missing = "0".repeat(40);
  await ask(repository, async (commits) => {
    const contained = async (commit: string) =>
      Object.fromEntries(await commits.contained(commit, [a, b, o, p, missing, "HEAD"]));
    expect(await contained(b)).toEqual({ [a]: true, [b]: true, [o]: false, [p]: false });
    expect(await contained(p)).toEqual({ [a]: true, [b]: false, [o]: true, [p]: true });
    expect(await contained(a)).toEqual({ [a]: true, [b]: false, [o]: false, [p]: false });
    expect(await contained(missing)).toEqual({});
  });
});

test("a name, an id and its first digits are resolved, and nothing else", async () => {
  const repository = testRepository();
  const [first = "", second = ""] = commitEach(repository, "a", "b");
  repository.sh(`git branch feature/x ${first}; git tag -am t v1 ${first}; git tag light ${second}; git pack-refs --all; git branch loose ${first}
    git symbolic-ref refs/heads/alias refs/heads/loose; git branch deadbeef ${first}; git update-ref refs/remotes/origin/main ${second}`);
  const blob = repository.git("rev-parse", "HEAD:f");
  const known = {
    HEAD: second,
    main: second,
    "feature/x": first,
    v1: first,
    light: second,
    loose: first,
    alias: first,
  };
  const more = {
    deadbeef: first,
    "refs/heads/main": second,
    "origin/main": second,
    [first]: first,
    [first.slice(0, 7)]: first,
  };
  const texts = [
    "missing",
    blob,
    blob.slice(0, 8),
    "0".repeat(40),
    "abc",
    "HEAD~1",
    "HEAD^{tree}",
    ":/a",
    "--all",
    "../../HEAD",
    "refs/../HEAD",
    "",
  ];
  await ask(repository, async (commits) => {
    for (const [text, id] of Object.entries({ ...known, ...more }))
      expect([text, await commits.resolve(text)]).toEqual([text, id]);
    for (const text of texts) expect([text, await commits.resolve(text)]).toEqual([text, undefined]);
  });
});

test("the first digits of several commits are of none", async () => {
  const repository = testRepository();
  // More commits than there are beginnings of four digits with a chance of them all being different.
  repository.sh(`tree=$(git rev-parse HEAD^{tree}); for i in $(seq 1500); do
    printf 'commit refs/heads/many\\ncommitter n <n@l> %d +0000\\ndata 0\\n\\n' $((1600000000 + i)); done | git fast-import --quiet`);
  const ids = repository.git("rev-list", "many").split("\n");
  const beginnings = ids.map((id) => id.slice(0, 4));
  const shared = beginnings.find((one, at) => beginnings.indexOf(one) !== at);
  const own = ids.find((id) => beginnings.filter((one) => one === id.slice(0, 4)).length === 1);
  await ask(repository, async (commits) => {
    expect(shared).toBeDefined();
    expect(await commits.resolve(shared ?? "")).toBeUndefined();
    expect(await commits.resolve(own?.slice(0, 12) ?? "")).toBe(own);
  });
});

test("what a run left changed is found in the commit that holds it, and in no other", async () => {
  const repository = testRepository();
  const before = repository.git("rev-parse", "HEAD");
  repository.sh("mkdir d; echo 1>d/ü; echo b>f");
  const { blobs = [] } = await snapshotIn(repository);
  repository.sh("git add -A; git commit -qm later; echo c>f; git commit -qam last");
  const [kept, all, some] = await ask(repository, (commits) =>
    Promise.all([before, "HEAD~1", "HEAD"].map((one) => commits.blobMarksOf(repository.git("rev-parse", one), SECRET))),
  );
  expect(blobs).toHaveLength(2);
  expect([kept, all, some].map((marks) => blobs.filter((blob) => marks?.has(blob)).length)).toEqual([0, 2, 1]);
  expect(all?.size).toBe(2);
  expect(await ask(repository, (commits) => commits.blobMarksOf("0".repeat(40), SECRET))).toBeUndefined();
});

test("a shallow clone does not know what lies before its end", async () => {
  const origin = testRepository();
  const [a = "", b = "", c = ""] = commitEach(origin, "a", "b", "c");
  origin.sh(
    'git checkout -q -b side; echo s>s; git add s; git commit -qm s; git checkout -q main; git clone -q --depth 2 --no-single-branch "file://$PWD" ../clone',
  );
  const side = origin.git("rev-parse", "side");
  const clone = repositoryIn(join(origin.folder, "../clone"), origin.home, {
    PATH: process.env.PATH ?? "",
    HOME: origin.home,
  });
  await ask(clone, async (commits) => {
    expect((await commits.recent(200))?.map(({ commit }) => commit)).toEqual([c, b]);
    expect(await commits.between(a, c, 20)).toBeUndefined();
    expect(Object.fromEntries(await commits.contained(c, [a, b, c, side]))).toEqual({ [b]: true, [c]: true });
    expect(await commits.resolve(a)).toBeUndefined();
    expect(await commits.treeOf(a)).toBeUndefined();
  });
});

test("before the first commit there is none", async () => {
  const repository = testRepository();
  repository.sh("git update-ref -d HEAD");
  await ask(repository, async (commits) => {
    expect(commits.head).toBeUndefined();
    expect(await commits.resolve("HEAD")).toBeUndefined();
    expect(await commits.recent(200)).toEqual([]);
  });
});

test("a history of SHA-256", async () => {
  const repository = testRepository(["--object-format=sha256"]);
  const [a = "", b = ""] = commitEach(repository, "a", "b");
  await ask(repository, async (commits) => {
    expect((await commits.recent(2))?.map(({ commit }) => commit)).toEqual([b, a]);
    expect(await commits.resolve(a.slice(0, 10))).toBe(a);
    expect(Object.fromEntries(await commits.contained(b, [a]))).toEqual({ [a]: true });
  });
});

test("an error of the one who asks is passed on, and what is left out is said", async () => {
  const repository = testRepository();
  await expect(ask(repository, () => Promise.reject(new TypeError("wrong")))).rejects.toThrow("wrong");
  expect(await withCommits(repository.home, { git: repository.ours, limitMs: 60_000 }, async () => 1)).toEqual({
    leftOut: "no_git",
  });
  expect(await withCommits(repository.folder, { git: undefined, limitMs: 60_000 }, async () => 1)).toEqual({
    leftOut: "no_git",
  });
});
