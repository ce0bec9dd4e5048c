import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withCheckout } from "../../../src/evidence/git/checkout.ts";
import { withCommits } from "../../../src/evidence/git/commits.ts";
import { findGit } from "../../../src/evidence/git/find-program.ts";
import type { Git } from "../../../src/evidence/git/private/git-environment.ts";
import { snapshotOf } from "../../../src/evidence/git/snapshot.ts";
import { SECRET, type TestRepository, testRepository, writeProgram } from "./repository.ts";

interface Kind {
  /** What a repository brings, and what may stand in the user's own configuration. `$X` is the program that must not run. */
  readonly make: string;
  /** What runs it: that it does shows that this test can fail. */
  readonly control: string;
  /** Where the program under test is at work, from the top of the repository. */
  readonly cwd?: string;
  readonly env?: (repository: TestRepository, program: string) => Record<string, string>;
}

const add = "git add -A";
const status = "git status";

const kinds: Record<string, Kind> = {
  "core.fsmonitor": { make: "git config core.fsmonitor $X", control: status },
  "core.fsmonitor in capitals of an include": {
    make: "printf '[CORE]\\nFsMonitor = %s\\n' $X>cfg; git config include.path ../cfg",
    control: status,
  },
  "core.hooksPath": {
    make: "mkdir h; ln -s $X h/post-index-change; git config core.hooksPath h; echo b>g",
    control: add,
  },
  "a hook of the repository": { make: "ln -s $X .git/hooks/post-index-change; echo b>g", control: add },
  "hooks of a checkout": { make: "ln -s $X .git/hooks/post-checkout", control: "git checkout HEAD" },
  "hooks of refs": { make: "ln -s $X .git/hooks/reference-transaction", control: "git update-ref refs/x HEAD" },
  "a filter that cleans": {
    make: "git config filter.x.clean $X; echo '* filter=x'>.gitattributes; echo b>g",
    control: add,
  },
  "a filter that smudges": {
    make: "git config filter.x.smudge $X; echo '* filter=x'>.gitattributes; git add -A; git commit -qm x",
    control: "rm f; git checkout f",
  },
  "a filter that is a process": {
    make: "git config filter.x.process $X; echo '* filter=x'>.gitattributes; echo b>g",
    control: `${add} || true`,
  },
  "a filter that is called lfs": {
    make: "git config filter.lfs.process $X; git config filter.lfs.clean $X; git config filter.lfs.required true; echo '* filter=lfs'>.gitattributes; echo b>g",
    control: `${add} || true`,
  },
  "a filter in .git/info/attributes": {
    make: "git config filter.x.clean $X; echo '* filter=x'>.git/info/attributes; echo b>g",
    control: add,
  },
  "config.worktree": {
    make: "git config extensions.worktreeConfig true; git config --worktree filter.x.clean $X; echo '* filter=x'>.gitattributes; echo b>g",
    control: add,
  },
  "a filter of the user's that the repository picks": {
    make: "git config --global filter.u.clean $X; echo '* filter=u'>.gitattributes; echo b>g",
    control: add,
  },
  "core.attributesFile": {
    make: "git config core.attributesFile attrs; echo '* filter=x'>attrs; git config filter.x.clean $X; echo b>g",
    control: add,
  },
  "include.path": {
    make: "printf '[filter \"x\"]\\nclean = %s\\n' $X>cfg; git config include.path ../cfg; echo '* filter=x'>.gitattributes; echo b>g",
    control: add,
  },
  includeIf: {
    make: "printf '[filter \"x\"]\\nclean = %s\\n' $X>cfg; git config 'includeIf.gitdir:**.path' ../cfg; echo '* filter=x'>.gitattributes; echo b>g",
    control: add,
  },
  textconv: {
    make: "git config diff.x.textconv $X; echo '* diff=x'>.gitattributes; git add -A; git commit -qm z; echo b>f",
    control: "git diff",
  },
  "diff.external": { make: "git config diff.external $X; echo b>f", control: "git diff" },
  "a command for differences in an attribute": {
    make: "git config diff.x.command $X; echo '* diff=x'>.gitattributes; echo b>f",
    control: "git diff",
  },
  "log.showSignature and a program for signatures": {
    make: `git config log.showSignature true; git config gpg.program $X
      printf 'tree %s\\nauthor n <n@l> 1700000000 +0000\\ncommitter n <n@l> 1700000000 +0000\\ngpgsig -----BEGIN PGP SIGNATURE-----\\n \\n x\\n -----END PGP SIGNATURE-----\\n\\nsigned\\n' "$(git rev-parse HEAD^{tree})" >~/signed
      git update-ref HEAD "$(git hash-object -t commit -w ~/signed)"`,
    control: "git log -1",
  },
  "the fsmonitor of a submodule": {
    make: "git init -q s; (cd s; echo a>x; git add x; git commit -qm s; git config core.fsmonitor $X); git add s 2>/dev/null; git commit -qm s",
    control: status,
  },
  "the fsmonitor of a nested repository": {
    make: "git init -q s; (cd s; echo a>x; git add x; git commit -qm s; git config core.fsmonitor $X)",
    control: `git add s 2>/dev/null; ${status}`,
  },
  "a promisor that is a program": {
    make: `git config extensions.partialClone origin; git config remote.origin.promisor true
      git config remote.origin.url "ext::$X"; git config protocol.ext.allow always; rm -rf .git/objects/??`,
    control: "git cat-file -p HEAD || true",
  },
  "core.sshCommand and a promisor": {
    make: `git config extensions.partialClone origin; git config remote.origin.promisor true
      git config remote.origin.url ssh://localhost/x; git config core.sshCommand $X; rm -rf .git/objects/??`,
    control: "git cat-file -p HEAD || true",
  },
  "a bare repository in the tree": {
    make: "git init -q --bare b/x; cd b/x; git config core.worktree .; git config core.bare false; git config core.fsmonitor $X",
    control: `cd b/x; ${status}`,
    cwd: "b/x",
  },
  "core.worktree": {
    make: "git config core.fsmonitor $X; git config core.worktree ..; echo b>f",
    control: status,
  },
  "a file `.git` that leads to what the tree brings": {
    make: "mkdir w; git init -q ./inner; mv inner/.git w/data; echo 'gitdir: data'>w/.git; git --git-dir=w/data config core.fsmonitor $X",
    control: `cd w; ${status}`,
    cwd: "w",
  },
  "core.pager and an alias": {
    make: "git config core.pager $X; git config pager.log $X; git config pager.config $X; git config alias.ls-tree '!'$X; git config alias.zz '!'$X",
    control: "git zz",
  },
  "credential.helper, core.editor and core.askPass": {
    make: "git config credential.helper '!'$X; git config core.editor $X; git config core.askPass $X; echo b>f",
    control: "git commit -qa || true",
  },
  GIT_EXTERNAL_DIFF: {
    make: "echo b>f",
    control: "git diff",
    env: (_, program) => ({ GIT_EXTERNAL_DIFF: program }),
  },
  GIT_CONFIG_COUNT: {
    make: "echo b>f",
    control: status,
    env: (_, program) => ({ GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "core.fsmonitor", GIT_CONFIG_VALUE_0: program }),
  },
  GIT_DIR: {
    make: "git init -q ~/other; git --git-dir=$HOME/other/.git config core.fsmonitor $X",
    control: status,
    env: ({ home }) => ({ GIT_DIR: join(home, "other/.git"), git_dir: join(home, "other/.git") }),
  },
  "GIT_SSH_COMMAND, GIT_ASKPASS, GIT_PAGER and GIT_EDITOR": {
    make: "echo b>f",
    control: "git commit -qa || true",
    env: (_, program) => ({ GIT_SSH_COMMAND: program, GIT_ASKPASS: program, GIT_PAGER: program, GIT_EDITOR: program }),
  },
  GIT_EXEC_PATH: {
    make: "mkdir exec; ln -s $X exec/git-zz; echo b>f",
    control: "git zz",
    env: ({ folder }) => ({ GIT_EXEC_PATH: join(folder, "exec") }),
  },
  "git in node_modules/.bin": {
    make: "mkdir -p node_modules/.bin; ln -s $X node_modules/.bin/git",
    control: status,
    env: ({ folder }) => ({ PATH: `${folder}/node_modules/.bin:${process.env.PATH}` }),
  },
  "git on the PATH in the project": {
    make: "mkdir bin; ln -s $X bin/git",
    control: status,
    env: ({ folder }) => ({ PATH: `${folder}/bin:${process.env.PATH}` }),
  },
  "git on the PATH by a relative entry": {
    make: "mkdir bin; ln -s $X bin/git",
    control: status,
    env: () => ({ PATH: `bin:.::${process.env.PATH}` }),
  },
  "git on the PATH by a link into the project": {
    make: "mkdir tools; ln -s $X tools/git; ln -s $PWD/tools ~/bin",
    control: status,
    env: ({ home }) => ({ PATH: `${home}/bin:${process.env.PATH}` }),
  },
};

test.for(Object.entries(kinds))("no program of a hostile repository runs: %s", async ([, kind]) => {
  const repository = testRepository();
  const canary = join(repository.home, "canary");
  const program = writeProgram(join(repository.home, "hostile"), `#!/bin/sh\n: >"${canary}"\n`);
  repository.sh(kind.make, { X: program });
  rmSync(canary, { force: true });
  const env = { PATH: process.env.PATH ?? "", HOME: repository.home, ...kind.env?.(repository, program) };
  const cwd = join(repository.folder, kind.cwd ?? "");
  const git = findGit(env, cwd);
  await useEverything(cwd, git);
  expect(existsSync(canary)).toBe(false);
  repository.sh(kind.control, env);
  expect(existsSync(canary)).toBe(true);
});

/** Asks for all that there is to ask. */
async function useEverything(cwd: string, git: Git | undefined): Promise<void> {
  expect(git).toBeDefined();
  const limitMs = 60_000;
  await snapshotOf(cwd, { git, secret: SECRET, limitMs });
  const listed = await withCommits(cwd, { git, limitMs }, async (commits) => {
    const head = (await commits.resolve("HEAD")) ?? commits.head;
    if (head === undefined) return undefined;
    await commits.resolve("main");
    await commits.resolve(head.slice(0, 8));
    await commits.treeOf(head);
    await commits.between(undefined, head, 20);
    await commits.contained(head, [head, "0".repeat(40)]);
    await commits.blobMarksOf(head, SECRET);
    return commits.recent(200);
  });
  expect(listed).toHaveProperty("answer");
  const used = await withCheckout(cwd, { git, limitMs }, async ({ treeNow }) => treeNow());
  if ("leftOut" in used) expect(used.leftOut).toMatch(/^(?:filter|failed)$/);
}

test("a hostile filter is not run for a file that has not changed, and its content is copied as it is", async () => {
  const repository = testRepository();
  const canary = join(repository.home, "canary");
  const program = writeProgram(join(repository.home, "hostile"), `#!/bin/sh\n: >"${canary}"\necho smudged\n`);
  mkdirSync(join(repository.folder, "d"));
  repository.sh(
    "echo x>d/a.x; touch -d 2020-01-01 d/a.x; echo '*.x filter=x'>.gitattributes; git add -A; git commit -qm x",
  );
  repository.sh('git config filter.x.smudge "$X"; git config filter.x.clean "$X"; git config filter.x.process "$X"', {
    X: program,
  });
  const git = findGit({ PATH: process.env.PATH ?? "", HOME: repository.home }, repository.folder);
  const used = await withCheckout(repository.folder, { git, limitMs: 60_000 }, async ({ folder }) =>
    existsSync(join(folder, "d/a.x")),
  );
  expect(used).toEqual({ answer: true });
  expect(existsSync(canary)).toBe(false);
});
