import { createHash } from "node:crypto";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addedTree, changeIndex, repositoryIn, snapshotIn, type TestRepository, testRepository } from "./repository.ts";

/** What is done to a repository after its first commit. */
const kinds: Record<string, (repository: TestRepository) => void> = {
  "nothing changed": () => {},
  "a changed and a new file": ({ write }) => {
    write("f", "b\n");
    write("new", "n\n");
  },
  "nested folders": ({ write }) => write("a/b/c/d", "deep\n"),
  "a removed file": ({ sh, write }) => {
    write("g", "g\n");
    sh("git add g; git commit -qm g; rm f");
  },
  "the last file removed": ({ sh }) => sh("rm f"),
  "a removed folder": ({ sh }) => sh("mkdir -p d/e; echo x>d/x; echo y>d/e/y; git add d; git commit -qm d; rm -r d"),
  "a renamed file": ({ sh }) => sh("mv f renamed"),
  "a staged file, and one staged and changed again": ({ sh }) =>
    sh("echo s>s; git add s; echo t>t; git add t; echo u>t"),
  "a staged file that is gone": ({ sh }) => sh("echo s>s; git add s; rm s"),
  "a removed file that is staged, and there again": ({ sh }) => sh("git rm -q --cached f"),
  "a file that is only meant to be added": ({ sh }) => sh("echo s>s; git add -N s"),
  "large files": ({ sh }) => sh("truncate -s 2M new; truncate -s 3M f; chmod +x f"),
  modes: ({ sh }) => sh("chmod +x f; echo x>x; chmod +x x"),
  "symbolic links": ({ sh }) => sh("ln -s f link; ln -s nowhere dangling; ln -s /etc out"),
  "a file in the place of a folder": ({ sh }) =>
    sh("mkdir d; echo x>d/x; git add d; git commit -qm d; rm -r d; echo d>d"),
  "a folder in the place of a file": ({ sh }) => sh("rm f; mkdir f; echo x>f/x"),
  "a link in the place of a folder with the same file in it": ({ sh }) =>
    sh("mkdir d e; echo x>d/x; echo x>e/x; git add d e; git commit -qm d; rm -r d; ln -s e d"),
  "an ignored link in the place of a folder": ({ sh }) =>
    sh("mkdir d e; echo x>d/x; echo y>e/x; git add d e; git commit -qm d; rm -r d; ln -s e d; echo /d>.gitignore"),
  "ignored files": ({ sh }) =>
    sh("echo '*.log'>.gitignore; echo l>a.log; mkdir b; echo '!a.log'>b/.gitignore; echo l>b/a.log"),
  "a tracked file that is ignored": ({ sh }) => sh("echo f>.gitignore; echo b>f"),
  "info/exclude": ({ sh }) => sh("echo private>.git/info/exclude; echo p>private; echo q>q"),
  "the user's own list of ignored files": ({ sh }) =>
    sh("git config --global core.excludesFile '~/ignored'; echo '*.tmp'>~/ignored; echo t>a.tmp; echo q>q"),
  "the user's usual list of ignored files": ({ sh }) =>
    sh("mkdir -p ~/.config/git; echo '*.tmp'>~/.config/git/ignore; echo t>a.tmp; echo q>q"),
  "the repository's own list of ignored files": ({ sh }) =>
    sh(
      'git config core.excludesFile "$HOME/with \\"quotes\\""; echo \'*.tmp\'>~/\'with "quotes"\'; echo t>a.tmp; echo q>q',
    ),
  "a value from a file that the user's configuration includes": ({ sh, write }) => {
    sh("git config --global include.path more; printf '[core]\\n\\tautocrlf = input\\n'>~/more");
    write("crlf", "a\r\nb\r\n");
  },
  "core.autocrlf": ({ git, write }) => {
    git("config", "core.autocrlf", "true");
    write("crlf", "a\r\nb\r\n");
  },
  "core.autocrlf of the user": ({ git, write }) => {
    git("config", "--global", "core.autocrlf", "input");
    write("crlf", "a\r\nb\r\n");
  },
  "attributes of text": ({ write }) => {
    write(
      ".gitattributes",
      "*.txt text eol=crlf\n*.bin -text\n*.u16 text working-tree-encoding=UTF-16LE\n*.id ident\n",
    );
    for (const name of ["a.txt", "a.bin"]) write(name, "a\r\nb\r\n");
    write("a.u16", "h\0i\0\n\0");
    write("a.id", "$Id: 0123 $\n");
  },
  "info/attributes": ({ sh, write }) => {
    sh("echo '*.txt text'>.git/info/attributes");
    write("a.txt", "a\r\nb\r\n");
  },
  "core.fileMode off": ({ sh }) => sh("git config core.fileMode false; chmod +x f; echo x>x; chmod +x x"),
  "names of every kind": ({ sh }) =>
    sh(
      `echo 1>'with space'; echo 2>$'tab\\tand\\nline'; echo 3>'"quoted"'; echo 4>ü; echo 5>$'\\xff'; echo 6>-dash; echo 7>':(top)x'`,
    ),
  "a name like a line of the listing": ({ sh }) =>
    sh(`echo x>"$(printf '100644 0123456789012345678901234567890123456789 0\\tf')"`),
  "a merge that stopped": ({ sh }) =>
    sh(`echo g>g; git add g; git commit -qm g; git branch o; echo m>f; git rm -q g; git commit -qam m
        git checkout -q o; echo o>f; echo o>g; git commit -qam o; git merge -q main >/dev/null && exit 1; true`),
  "a conflict that was settled in the file alone": ({ sh }) =>
    sh(`git branch o; echo m>f; git commit -qam m; git checkout -q o; git rm -q f; git commit -qm o
        git merge -q main >/dev/null && exit 1; true`),
  "assumed unchanged": ({ sh }) => sh("git update-index --assume-unchanged f; echo b>f; echo q>q"),
  "a detached HEAD": ({ sh }) => sh("git checkout -q --detach; echo b>f"),
  "an index in two parts": ({ sh }) => sh("git update-index --split-index; echo s>s; git add s; echo b>f; echo q>q"),
  "an index with what is known of untracked files": ({ sh }) =>
    sh("git update-index --untracked-cache; git status >/dev/null; echo q>q; echo b>f"),
  "a fourth version of the index": ({ sh }) => sh("git update-index --index-version 4; mkdir d; echo q>d/q; echo b>f"),
  "objects of another repository": ({ sh }) =>
    sh("mv .git ~/origin; git clone -q --shared ~/origin ~/clone; mv ~/clone/.git .git; echo b>f; echo q>q"),
  "a folder `.git` that is a link": ({ sh }) => sh("mv .git ~/elsewhere; ln -s ~/elsewhere .git; echo b>f"),
  "no index": ({ sh }) => sh("rm .git/index; echo q>q"),
  "a nested repository": ({ sh }) => sh("git init -q n; cd n; echo x>x; git add x; git commit -qm n; echo y>x"),
  "a linked working copy in the working copy": ({ sh }) => sh("git worktree add -q inner; echo q>inner/q"),
  "a nested repository that is ignored": ({ sh }) =>
    sh("echo n>.gitignore; git init -q n; cd n; git commit -q --allow-empty -m n"),
  "a file in the place of a submodule": ({ sh }) =>
    sh("git init -q n; (cd n; git commit -q --allow-empty -m n); git add n 2>&1; git commit -qm n; rm -r n; echo n>n"),
  "a submodule that is gone": ({ sh }) =>
    sh("git init -q n; (cd n; git commit -q --allow-empty -m n); git add n 2>&1; git commit -qm n; rm -r n"),
  "a submodule that is not checked out": ({ sh }) =>
    sh(
      "git init -q n; (cd n; git commit -q --allow-empty -m n); git add n 2>&1; git commit -qm n; rm -r n; mkdir n; echo b>f",
    ),
  "a sparse checkout by folders": ({ sh }) =>
    sh(`mkdir in out; echo i>in/i; echo o>out/o; git add -A; git commit -qm d; git sparse-checkout set --cone in >/dev/null
        echo j>in/j; echo i2>in/i`),
  "a sparse checkout by patterns": ({ sh }) =>
    sh(`mkdir in out; echo i>in/i; echo o>out/o; git add -A; git commit -qm d
        git sparse-checkout set --no-cone '/in/' '/f' >/dev/null; echo j>in/j; rm in/i`),
  "a sparse checkout with a sparse index": ({ sh }) =>
    sh(`mkdir in out; echo i>in/i; echo o>out/o; git add -A; git commit -qm d
        git sparse-checkout set --cone --sparse-index in >/dev/null; echo j>in/j; echo b>f`),
};

test.for(Object.entries(kinds))("git adds all to the same tree: %s", async ([, change]) => {
  const repository = testRepository();
  change(repository);
  const snapshot = await snapshotIn(repository);
  expect(snapshot).toMatchObject({ head: repository.git("rev-parse", "HEAD") });
  expect(snapshot.leftOut).toBeUndefined();
  expect(snapshot.tree).toBe(addedTree(repository));
});

test("the tree of a working copy is that of the commit which is made of it", async () => {
  const repository = testRepository();
  repository.sh("echo b>f; mkdir d; echo n>d/new");
  const { tree } = await snapshotIn(repository);
  repository.sh("git add -A; git commit -qm second");
  expect(tree).toBe(repository.git("rev-parse", "HEAD^{tree}"));
  expect((await snapshotIn(repository)).tree).toBe(tree);
});

test("before the first commit there is a tree, and no head", async () => {
  const repository = testRepository();
  repository.sh("rm -r .git; git init -q; echo q>q");
  const snapshot = await snapshotIn(repository);
  expect(snapshot.head).toBeUndefined();
  expect(snapshot.tree).toBe(addedTree(repository));
});

test("a repository with ids of SHA-256", async () => {
  const repository = testRepository(["--object-format=sha256"]);
  repository.sh(
    "git checkout -q --detach; echo b>f; echo q>q; mkdir n; cd n; git init -q --object-format=sha256; git commit -q --allow-empty -m n",
  );
  const snapshot = await snapshotIn(repository);
  expect(snapshot.head).toMatch(/^[0-9a-f]{64}$/);
  expect(snapshot.blobs).toHaveLength(3);
  expect(snapshot.tree).toBe(addedTree(repository));
});

test("a repository with ids of SHA-256 before its first commit", async () => {
  const repository = testRepository(["--object-format=sha256"]);
  repository.sh("git update-ref -d HEAD; rm f; echo q>q");
  expect((await snapshotIn(repository)).tree).toBe(addedTree(repository));
});

test("a linked working copy has its own head, index and mark", async () => {
  const main = testRepository();
  main.sh("git worktree add -q ../linked; echo private>.git/info/exclude");
  const linked = repositoryIn(join(main.folder, "../linked"), main.home, {
    PATH: process.env.PATH ?? "",
    HOME: main.home,
  });
  linked.sh("echo b>f; git commit -qam b; echo c>f; echo q>q; echo p>private; echo staged>s; git add s");
  const [here, there] = [await snapshotIn(linked), await snapshotIn(main)];
  expect(here.head).toBe(linked.git("rev-parse", "HEAD"));
  expect(there.head).not.toBe(here.head);
  expect(here.checkout).not.toBe(there.checkout);
  expect(here.tree).toBe(addedTree(linked));
  expect(there.tree).toBe(addedTree(main));
});

test("a sparse checkout of a linked working copy", async () => {
  const main = testRepository();
  main.sh("mkdir in out; echo i>in/i; echo o>out/o; git add -A; git commit -qm d; git worktree add -q ../linked");
  const linked = repositoryIn(join(main.folder, "../linked"), main.home, {
    PATH: process.env.PATH ?? "",
    HOME: main.home,
  });
  linked.sh("git sparse-checkout set in >/dev/null; echo j>in/j");
  expect((await snapshotIn(linked)).tree).toBe(addedTree(linked));
});

test("files that are there although a sparse checkout leaves them out are in the tree", async () => {
  const repository = testRepository();
  repository.sh(`mkdir in out; echo i>in/i; echo o>out/o; echo p>out/p; git add -A; git commit -qm d; git worktree add -q ../linked
    git sparse-checkout set in; mkdir out; echo changed>out/o; echo new>out/new`);
  const { tree } = await snapshotIn(repository);
  // Without `--sparse` git says that it would have to leave them as they were.
  repository.sh("git add -A --sparse");
  expect(tree).toBe(repository.git("write-tree"));
});

test("a submodule is a working copy of its own, and in the outer one the commit that it stands at", async () => {
  const outer = testRepository();
  outer.sh(`git init -q ~/lib; (cd ~/lib; echo l>l; git add l; git commit -qm l)
    git submodule --quiet add ~/lib lib; git commit -qm lib; cd lib; echo m>l; git commit -qam m; echo dirty>l`);
  const inner = repositoryIn(join(outer.folder, "lib"), outer.home, { PATH: process.env.PATH ?? "", HOME: outer.home });
  const [ofOuter, ofInner] = [await snapshotIn(outer), await snapshotIn(inner)];
  expect(ofInner.head).toBe(inner.git("rev-parse", "HEAD"));
  expect(ofInner.tree).toBe(addedTree(inner));
  expect(ofOuter.tree).toBe(addedTree(outer));
});

test("a submodule whose commit cannot be read leaves the tree out, if it is another one than before", async () => {
  const repository = testRepository();
  const long = Array.from({ length: 5 }, () => "b".repeat(220)).join("/");
  repository.sh(
    `git init -q n; (cd n; git commit -q --allow-empty -m n; git checkout -q -b ${long}); git add n; git commit -qm n; echo b>f`,
  );
  expect((await snapshotIn(repository)).tree).toBe(addedTree(repository));
  repository.sh("cd n; git commit -q --allow-empty -m later");
  expect((await snapshotIn(repository)).leftOut).toBe("failed");
});

test("a nested repository without a commit, which git refuses to add, is not in the tree", async () => {
  const repository = testRepository();
  const { tree } = await snapshotIn(repository);
  repository.sh("git init -q n; echo x>n/x");
  expect((await snapshotIn(repository)).tree).toBe(tree);
});

test("a file of Git LFS stands in the tree as its pointer, though no filter is run", async () => {
  const repository = testRepository();
  const [content, larger] = [Buffer.alloc(300_000, "content"), Buffer.alloc(2_000_000, "larger")];
  repository.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  const files = {
    "a.bin": content,
    "larger.bin": larger,
    "run.bin": content,
    "empty.bin": "",
    "pointer.bin": pointerTo(content),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(repository.folder, name), bytes);
  repository.sh("chmod +x run.bin");
  const { tree } = await snapshotIn(repository);
  // What a commit of them holds, if Git LFS is at work.
  for (const name of ["a.bin", "run.bin"]) repository.write(name, pointerTo(content));
  repository.write("larger.bin", pointerTo(larger));
  repository.sh("git -c filter.lfs.clean=cat add -A");
  expect(tree).toBe(repository.git("write-tree"));
});

function pointerTo(content: Buffer): string {
  const hash = createHash("sha256").update(content).digest("hex");
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${hash}\nsize ${content.length}\n`;
}

test("a file of Git LFS that is as it was committed changes nothing", async () => {
  const repository = testRepository();
  repository.sh(`echo '*.bin filter=lfs -text'>.gitattributes; echo content>a.bin
    printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 8\\n' "$(sha256sum a.bin | cut -c -64)">~/pointer
    git config filter.lfs.clean 'cat >/dev/null; cat ~/pointer'; git add -A; git commit -qm lfs; touch a.bin`);
  const { blobs, tree } = await snapshotIn(repository);
  expect(tree).toBe(repository.git("rev-parse", "HEAD^{tree}"));
  expect(blobs).toEqual([]);
});

test("a changed file with another filter leaves the tree out, one that is unchanged does not", async () => {
  const repository = testRepository();
  repository.sh(
    "echo '*.x filter=x'>.gitattributes; echo x>a.x; touch -d 2020-01-01 a.x; git add -A; git commit -qm x; echo b>f",
  );
  expect((await snapshotIn(repository)).tree).toBe(addedTree(repository));
  repository.sh("echo y>a.x");
  const { blobs, tree, ...left } = await snapshotIn(repository);
  expect({ blobs, tree }).toEqual({ blobs: undefined, tree: undefined });
  expect(left).toMatchObject({ head: repository.git("rev-parse", "HEAD"), leftOut: "filter" });
});

test("a file that changed within the tick of the index is looked into", async () => {
  const repository = testRepository();
  repository.sh("echo b>f");
  makeEntryFresh(repository);
  // Git itself sees it: the file is as new as the index, so that its size and time prove nothing.
  expect(repository.git("ls-files", "-m")).toBe("f");
  expect((await snapshotIn(repository)).tree).toBe(addedTree(repository));
});

/** Writes the file's own times into its only entry in the index, as if it had been added as it is now, at the same moment. */
function makeEntryFresh(repository: TestRepository): void {
  const at = 1_700_000_000;
  utimesSync(join(repository.folder, "f"), at, at);
  repository.sh("git config core.trustctime false");
  changeIndex(repository, (bytes) => {
    // A header of 12 bytes, then when its entry was changed (8 bytes), and its content (8 bytes: s and ns).
    bytes.writeUInt32BE(at, 20);
    bytes.writeUInt32BE(0, 24);
    return bytes;
  });
  utimesSync(join(repository.folder, ".git/index"), at, at);
}

test("what has changed is told by marks, of a commit's files since another one too", async () => {
  const repository = testRepository();
  const first = repository.git("rev-parse", "HEAD");
  repository.sh("echo g>g; echo h>h; git add -A; git commit -qm g; rm h; echo b>f");
  const sinceHead = await snapshotIn(repository);
  const sinceFirst = await snapshotIn(repository, { since: first });
  expect(sinceHead.blobs).toHaveLength(1);
  expect(sinceFirst.blobs).toHaveLength(2);
  expect(sinceFirst.blobs).toEqual(expect.arrayContaining([...(sinceHead.blobs ?? [])]));
  expect(await snapshotIn(repository, { since: "0".repeat(40) })).not.toHaveProperty("blobs");
  expect(await snapshotIn(repository, { since: "--output=x" })).not.toHaveProperty("blobs");
  expect(await snapshotIn(repository, { secret: undefined })).toEqual({ head: sinceHead.head, tree: sinceHead.tree });
  expect((await snapshotIn(repository, { secret: Buffer.alloc(32, 8) })).blobs).not.toEqual(sinceHead.blobs);
});

test("of many changed files a hundred are told", async () => {
  const repository = testRepository();
  repository.sh("for i in $(seq 150); do echo $i>n$i; done");
  const { blobs } = await snapshotIn(repository);
  expect(new Set(blobs).size).toBe(100);
});

test("a clone without its contents asks for none of them", async () => {
  const origin = testRepository();
  origin.sh("echo g>g; git add -A; git commit -qm d; git config uploadpack.allowFilter true");
  origin.sh(
    'git clone -q --filter=blob:none --no-checkout "file://$PWD" ../clone; cd ../clone; git sparse-checkout set --no-cone /f; git checkout -q; rm -rf ../project/.git/objects',
  );
  const clone = repositoryIn(join(origin.folder, "../clone"), origin.home, {
    PATH: process.env.PATH ?? "",
    HOME: origin.home,
  });
  clone.sh("echo b>f");
  const snapshot = await snapshotIn(clone);
  expect(snapshot.tree).toMatch(/^[0-9a-f]{40}$/);
  clone.sh("git add f");
  expect(snapshot.tree).toBe(clone.git("write-tree", "--missing-ok"));
});
