import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { withCheckout } from "../../../src/evidence/git/checkout.ts";
import { withCommits } from "../../../src/evidence/git/commits.ts";
import { snapshotOf } from "../../../src/evidence/git/snapshot.ts";
import { bundleProgram } from "../../support/bundle.ts";
import { temporaryFolder } from "../../support/places.ts";
import {
  SECRET,
  snapshotIn,
  type TestRepository,
  testRepository,
  useTemporaryFolder,
  writeProgram,
} from "./repository.ts";

const LONG_MS = 60_000;

/** Opens the pipe for writing, as soon as it is read: so it stays as long as anything lives that was started then. */
const HOLD = 'exec 9>"$PIPE"; echo started >&9;';

/** A git that is a script of ours. */
function fakeGit(repository: TestRepository, script: string) {
  const folder = temporaryFolder();
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const program = writeProgram(join(folder, "git"), `#!/bin/bash\n${script}\n`);
  return { git: { program, env: { ...repository.ours.env, PIPE: pipe } }, pipe };
}

function leftIn(temporary: string): string[] {
  return readdirSync(temporary).filter((name) => /^kaizen-(?:git|tree)-/.test(name));
}

const asks = {
  snapshot: (cwd: string, git: TestRepository["ours"], signal: AbortSignal) =>
    snapshotOf(cwd, { git, signal, secret: SECRET, limitMs: LONG_MS }),
  commits: (cwd: string, git: TestRepository["ours"], signal: AbortSignal) =>
    withCommits(cwd, { git, signal, limitMs: LONG_MS }, (commits) => commits.recent(1)),
  checkout: (cwd: string, git: TestRepository["ours"], signal: AbortSignal) =>
    withCheckout(cwd, { git, signal, limitMs: LONG_MS }, async () => 1),
};

test.for(Object.entries(asks))("a git that hangs is ended with all that it has started: %s", async ([, ask]) => {
  const temporary = useTemporaryFolder();
  const repository = testRepository();
  const { git, pipe } = fakeGit(repository, `${HOLD} sleep 3600 & trap '' TERM INT; sleep 3600`);
  const givingUp = new AbortController();
  const opened = createReadStream(pipe);
  opened.once("data", () => givingUp.abort());
  opened.pause();
  const [answer, written] = await Promise.all([ask(repository.folder, git, givingUp.signal), text(opened)]);
  expect(answer).toMatchObject({ leftOut: "time" });
  // Read to its end: nothing is left that holds the pipe.
  expect(written).toMatch(/^(?:started\n)+$/);
  expect(leftIn(temporary)).toEqual([]);
});

test("a git that hangs is ended at the limit, and what is known without it is said", async () => {
  const temporary = useTemporaryFolder();
  const repository = testRepository();
  const git = {
    ...repository.ours,
    program: writeProgram(join(temporaryFolder(), "git"), "#!/bin/sh\nexec sleep 3600\n"),
  };
  const head = repository.git("rev-parse", "HEAD");
  expect(await snapshotIn(repository, { git, limitMs: 100 })).toEqual({
    head,
    checkout: expect.any(String),
    leftOut: "time",
  });
  expect(leftIn(temporary)).toEqual([]);
});

test("a process that ends takes the git that hangs with it, and its folder", async () => {
  const temporary = useTemporaryFolder();
  const repository = testRepository();
  const { git, pipe } = fakeGit(repository, `${HOLD} sleep 3600 & sleep 3600`);
  const program = bundleProgram(new URL("./exit-program.ts", import.meta.url));
  onTestFinished(program.remove);
  const running = spawn(process.execPath, [program.path, repository.folder, git.program], {
    env: { ...git.env, TMPDIR: temporary },
  });
  const opened = createReadStream(pipe);
  opened.once("data", () => running.stdin.end("end\n"));
  opened.pause();
  const [written, [status]] = await Promise.all([text(opened), once(running, "exit")]);
  expect(written).toMatch(/^(?:started\n)+$/);
  expect(status).toBe(3);
  expect(leftIn(temporary)).toEqual([]);
});

test("a git that prints without an end is ended", async () => {
  const temporary = useTemporaryFolder();
  const repository = testRepository();
  const { git, pipe } = fakeGit(repository, `${HOLD} exec yes`);
  const [answer, written] = await Promise.all([snapshotIn(repository, { git }), text(createReadStream(pipe))]);
  expect(answer.leftOut).toBe("size");
  expect(written).toMatch(/^(?:started\n)+$/);
  expect(leftIn(temporary)).toEqual([]);
});

test("what a git leaves running is ended, and not waited for", async () => {
  const repository = testRepository();
  const { git, pipe } = fakeGit(repository, `mkdir "$PIPE.first" || exit 0; ${HOLD} sleep 3600 &`);
  const [answer, written] = await Promise.all([snapshotIn(repository, { git }), text(createReadStream(pipe))]);
  expect(answer.leftOut).toBe("failed");
  expect(written).toBe("started\n");
});

test("a git that asks for a password has no terminal to ask at, and no input", async () => {
  const repository = testRepository();
  const asked = join(temporaryFolder(), "asked");
  // The 6th field of its state is the session, the 7th the terminal, 0 for none.
  const { git } = fakeGit(
    repository,
    `read -r -a state </proc/$$/stat; echo "$((\${state[5]} == $$)) \${state[6]} $(cat </dev/tty 2>/dev/null) $GIT_TERMINAL_PROMPT" >>'${asked}'; exit 1`,
  );
  expect(await snapshotIn(repository, { git })).toMatchObject({ leftOut: "failed" });
  expect(new Set(readFileSync(asked, "utf8").trim().split("\n"))).toEqual(new Set(["1 0  0"]));
});

test.for(["exit 1", "kill -9 $$", "echo nonsense", "printf '\\0\\0\\0'"])(
  "a git that does `%s` leaves nothing behind",
  async (script) => {
    const temporary = useTemporaryFolder();
    const repository = testRepository();
    const git = {
      ...repository.ours,
      program: writeProgram(join(temporaryFolder(), "git"), `#!/bin/bash\n${script}\n`),
    };
    expect(await snapshotIn(repository, { git })).toMatchObject({ leftOut: "failed" });
    expect(await withCheckout(repository.folder, { git, limitMs: LONG_MS }, async () => 1)).toEqual({
      leftOut: "failed",
    });
    expect(leftIn(temporary)).toEqual([]);
  },
);

test("a git that is gone, or no program", async () => {
  const repository = testRepository();
  const folder = temporaryFolder();
  mkdirSync(join(folder, "git"));
  for (const program of [join(folder, "missing"), join(folder, "git")]) {
    expect(await snapshotIn(repository, { git: { ...repository.ours, program } })).toMatchObject({ leftOut: "failed" });
  }
});

test.for([".git/HEAD", ".git/config", ".git/index", ".git/packed-refs", ".git/info/exclude", ".git/shallow"])(
  "a pipe in the place of %s is not waited for",
  async (name) => {
    const repository = testRepository();
    repository.sh(`rm -f ${name}; mkfifo ${name}`);
    const { leftOut, tree } = await snapshotIn(repository);
    if (name === ".git/HEAD") expect(leftOut).toBe("no_git");
    else expect(tree).toMatch(/^[0-9a-f]{40}$/);
  },
);

test.for([".gitattributes", ".gitignore"])("a pipe in the place of %s costs no more than the limit", async (name) => {
  const repository = testRepository();
  repository.sh(`mkfifo ${name}; echo n>n`);
  expect((await snapshotIn(repository, { limitMs: 500 })).leftOut).toBe("time");
});

test("more is changed than is looked at", async () => {
  const repository = testRepository();
  repository.sh("truncate -s 65M large");
  expect((await snapshotIn(repository)).leftOut).toBe("size");
  repository.sh("rm large; mkdir d; cd d; seq 20001 | xargs touch");
  expect((await snapshotIn(repository)).leftOut).toBe("size");
  repository.sh("rm d/1 d/2");
  expect((await snapshotIn(repository)).leftOut).toBeUndefined();
});
