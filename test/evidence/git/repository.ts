import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { findProgram } from "../../../src/evidence/git/find-program.ts";
import type { Git } from "../../../src/evidence/git/private/git-environment.ts";
import { type SnapshotOptions, snapshotOf } from "../../../src/evidence/git/snapshot.ts";
import { temporaryFolder } from "../../support/places.ts";

const program = findProgram("git", { path: process.env.PATH, windows: false, outside: [] });
export const SECRET = Buffer.alloc(32, 7);

/** A repository of a user with a home of its own, which goes away with its test. */
export interface TestRepository {
  readonly folder: string;
  readonly home: string;
  /** Git as the program under test starts it. */
  readonly ours: Git;
  /** Runs git as this user would, and gives its output without the line break at the end. */
  git(...args: string[]): string;
  /** Runs lines of a shell in the repository. `$HOME` is the user's home. */
  sh(script: string, env?: Record<string, string>): void;
  write(name: string, content: string): void;
}

/** Makes a folder the one for temporary files, until the test ends. */
export function useTemporaryFolder(folder = temporaryFolder()): string {
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

function gitHere(env: Record<string, string>): Git {
  if (program === undefined) throw new Error("These tests need git.");
  return { program, env };
}

/** With a first commit of `f`, if `init` is not told otherwise. */
export function testRepository(init: readonly string[] = []): TestRepository {
  const base = temporaryFolder();
  const [folder, home] = [join(base, "project"), join(base, "home")];
  for (const one of [folder, home]) mkdirSync(one);
  const env = { PATH: process.env.PATH ?? "", HOME: home };
  writeFileSync(
    join(home, ".gitconfig"),
    '[user]\n\tname = n\n\temail = n@localhost\n[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n',
  );
  const repository = repositoryIn(folder, home, env);
  repository.git("init", "-q", ...init);
  repository.write("f", "a\n");
  repository.git("add", "-A");
  repository.git("commit", "-qm", "first");
  return repository;
}

export function repositoryIn(folder: string, home: string, env: Record<string, string>): TestRepository {
  const { program: git, ...ours } = gitHere(env);
  const options = { cwd: folder, env: { ...env, GIT_CONFIG_NOSYSTEM: "1" }, encoding: "utf8" } as const;
  return {
    folder,
    home,
    ours: { program: git, ...ours },
    git: (...args) => execFileSync(git, args, { ...options, stdio: ["ignore", "pipe", "pipe"] }).replace(/\n$/, ""),
    sh: (script, more = {}) =>
      void execFileSync("bash", ["-ec", script], {
        ...options,
        env: { ...options.env, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    write: (name, content) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    },
  };
}

/** A snapshot without a limit that a busy machine could reach. */
export function snapshotIn(repository: TestRepository, options: Partial<SnapshotOptions> = {}) {
  return snapshotOf(repository.folder, { git: repository.ours, secret: SECRET, limitMs: 60_000, ...options });
}

/** The tree that git makes of the working copy in the repository itself. Comes after what it is compared with. */
export function addedTree(repository: TestRepository): string {
  repository.git("add", "-A");
  return repository.git("write-tree");
}

/** Writes the index of a repository anew, with the hash at its end that git looks at. */
export function changeIndex({ folder }: TestRepository, change: (bytes: Buffer) => Buffer): void {
  const file = join(folder, ".git/index");
  const body = change(readFileSync(file)).subarray(0, -20);
  writeFileSync(file, Buffer.concat([body, createHash("sha1").update(body).digest()]));
}

/** A hash of each file below a folder. */
export function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const hashed = files.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    return [file, createHash("sha256").update(readFileSync(file)).digest("hex")] as const;
  });
  return Object.fromEntries(hashed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes a program. */
export function writeProgram(file: string, script: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return file;
}
