import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Checkout, type CheckoutOptions, withCheckout } from "../../../src/evidence/git/checkout.ts";
import { changeIndex, snapshotIn, type TestRepository, testRepository } from "./repository.ts";

async function checkOut<T>(
  repository: TestRepository,
  use: (checkout: Checkout) => T | Promise<T>,
  options: Partial<CheckoutOptions> = {},
): Promise<T> {
  const all = { git: repository.ours, limitMs: 60_000, ...options };
  const given = await withCheckout(repository.folder, all, async (checkout) => await use(checkout));
  if (!("answer" in given)) throw new Error(`left out: ${given.leftOut}`);
  return given.answer;
}

test("a checkout holds the working copy's tree, in a folder of this user alone, which goes away", async () => {
  const repository = testRepository();
  repository.sh(
    "echo b>f; mkdir -p d/e; echo n>d/e/new; chmod +x d/e/new; ln -s f link; echo secret>ignored; echo ignored>.gitignore; echo x>$'\\xff'",
  );
  const { tree } = await snapshotIn(repository);
  const folder = await checkOut(repository, async (checkout) => {
    expect(checkout).toMatchObject({ tree, nested: 0, linked: [] });
    expect(statSync(checkout.folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(checkout.folder, "latin1").sort()).toEqual([".gitignore", "d", "f", "link", "\xff"]);
    expect(readFileSync(join(checkout.folder, "f"), "utf8")).toBe("b\n");
    expect(lstatSync(join(checkout.folder, "d/e/new")).mode & 0o111).not.toBe(0);
    expect(readlinkSync(join(checkout.folder, "link"))).toBe("f");
    return checkout.folder;
  });
  expect(existsSync(folder)).toBe(false);
});

test("whether the working copy is still the same is told by its tree", async () => {
  const repository = testRepository();
  await checkOut(repository, async ({ tree, treeNow }) => {
    expect(await treeNow()).toBe(tree);
    repository.write("f", "changed meanwhile\n");
    expect(await treeNow()).not.toBe(tree);
  });
});

test("a checkout goes away also if its use fails", async () => {
  const repository = testRepository();
  let folder = "";
  const failing = checkOut(repository, (checkout) => {
    folder = checkout.folder;
    throw new TypeError("wrong");
  });
  await expect(failing).rejects.toThrow("wrong");
  expect(folder).not.toBe("");
  expect(existsSync(folder)).toBe(false);
});

test("folders that the tree leaves out are linked if they are asked for", async () => {
  const repository = testRepository();
  repository.sh(
    "mkdir node_modules .venv src; echo m>node_modules/m; echo s>src/s; printf 'node_modules\\n.venv\\n'>.gitignore",
  );
  const link = ["node_modules", ".venv", "src", "missing", "f", ".git", "..", "../home", "src/../node_modules", ""];
  await checkOut(
    repository,
    ({ folder, linked }) => {
      expect(linked).toEqual(["node_modules", ".venv"]);
      expect(readlinkSync(join(folder, "node_modules"))).toBe(join(repository.folder, "node_modules"));
      expect(lstatSync(join(folder, "src")).isDirectory()).toBe(true);
      expect(existsSync(join(folder, ".git"))).toBe(false);
    },
    { link },
  );
  expect(readFileSync(join(repository.folder, "node_modules/m"), "utf8")).toBe("m\n");
});

test("files of Git LFS are copied as they are in the working copy", async () => {
  const repository = testRepository();
  const content = Buffer.alloc(5_000, "large");
  repository.sh("echo '*.bin filter=lfs -text'>.gitattributes; mkdir d");
  for (const name of ["a.bin", "d/b.bin"]) writeFileSync(join(repository.folder, name), content);
  const { tree } = await snapshotIn(repository);
  await checkOut(repository, (checkout) => {
    expect(checkout.tree).toBe(tree);
    for (const name of ["a.bin", "d/b.bin"])
      expect(readFileSync(join(checkout.folder, name)).equals(content)).toBe(true);
  });
});

test("submodules are empty folders, and counted", async () => {
  const repository = testRepository();
  repository.sh("git init -q n; cd n; echo x>x; git add x; git commit -qm n");
  await checkOut(repository, ({ folder, nested }) => {
    expect(nested).toBe(1);
    expect(readdirSync(join(folder, "n"))).toEqual([]);
  });
});

test("what a sparse checkout leaves out is left out", async () => {
  const repository = testRepository();
  repository.sh(
    "mkdir in out; echo i>in/i; echo o>out/o; git add -A; git commit -qm d; git sparse-checkout set in >/dev/null",
  );
  const { tree } = await snapshotIn(repository);
  await checkOut(repository, (checkout) => {
    expect(checkout.tree).toBe(tree);
    expect(readdirSync(checkout.folder).sort()).toEqual(["f", "in"]);
  });
});

test.for(["../out/x", ".git/hooks/x", "d/.GIT/x", "d/../../x"])(
  "an index that was made to write to %s writes nothing",
  async (name) => {
    const repository = testRepository();
    // Git writes no such name: another of its length is exchanged for it.
    const place = "n".repeat(name.length);
    repository.sh(`echo x>${place}; git add ${place}; git update-index --assume-unchanged ${place}; rm ${place}`);
    changeIndex(repository, (bytes) => Buffer.from(bytes.toString("latin1").replace(place, name), "latin1"));
    expect(repository.git("ls-files").split("\n")).toContain(name);
    expect(await withCheckout(repository.folder, { git: repository.ours, limitMs: 60_000 }, async () => 1)).toEqual({
      leftOut: "failed",
    });
  },
);

test("what is left out is said", async () => {
  const repository = testRepository();
  const use = async () => 1;
  const options = { git: repository.ours, limitMs: 60_000 };
  expect(await withCheckout(repository.home, options, use)).toEqual({ leftOut: "no_git" });
  expect(await withCheckout(repository.folder, { ...options, git: undefined }, use)).toEqual({ leftOut: "no_git" });
  repository.sh("echo '* filter=x'>.gitattributes");
  expect(await withCheckout(repository.folder, options, use)).toEqual({ leftOut: "filter" });
});
