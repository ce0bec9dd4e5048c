import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GitLeftOut } from "../../../domain/evidence/evidence.ts";
import { errorCodeOf } from "../../../errors.ts";
import type { Repository } from "../find-repository.ts";
import { LeftOut, type Limit } from "../limit.ts";
import { readPlainFile } from "../plain-file.ts";
import { readHead } from "../read-ref.ts";
import { environmentOf, type Git, WITH_OWN_CONFIGURATION } from "./git-environment.ts";
import { configurationOf, type GitValues, isBare, readValues } from "./git-values.ts";
import { plainListing } from "./plain-configuration.ts";
import { makePrivateFolder, removePrivateFolder } from "./private-folder.ts";
import { outputOf } from "./run-program.ts";

/**
 * Git at work on a repository whose configuration and hooks it never sees: with a git directory of our own, which reads
 * the repository's objects, and keeps new ones for itself until it is removed.
 */
export interface PrivateGit {
  readonly repository: Repository;
  /** The private git directory. */
  readonly folder: string;
  /** The commit that is checked out; `undefined` before the first one. */
  readonly head: string | undefined;
  readonly values: GitValues;
  readonly limit: Limit;
  /** Throws `LeftOut`. */
  run(args: readonly string[], input?: Buffer): Promise<Buffer>;
}

interface PrivateGitOptions {
  readonly repository: Repository;
  readonly git: Git;
  readonly limit: Limit;
  /** Whether it is to know the working copy, and not only commits. */
  readonly withIndex: boolean;
}

const MOST_CONFIGURATION_BYTES = 1 << 20;
const MOST_INDEX_BYTES = 64 << 20;

/** Does something with a private git directory, which is removed afterwards, as is all that still runs in it. */
export async function withPrivateGit<T>(options: PrivateGitOptions, use: (git: PrivateGit) => Promise<T>): Promise<T> {
  const { git, limit, repository } = options;
  const folder = makePrivateFolder("git", repository.worktree);
  const running = new Set<Promise<unknown>>();
  const env = environmentOf(git, repository, folder);
  const run = (args: readonly string[], input?: Buffer, more: Record<string, string | undefined> = {}) => {
    const cwd = repository.worktree;
    const output = outputOf({ program: git.program, args, cwd, env: { ...env, ...more }, input, limit });
    running.add(output);
    return output;
  };
  const remove = () => removePrivateFolder(folder);
  process.once("exit", remove);
  try {
    const head = readHead(repository);
    writeGitDir(folder, head);
    const values = await valuesOf(options, run);
    if (options.withIndex && isBare(values) && repository.gitDir === repository.commonDir) throw new LeftOut("bare");
    writeFileSync(join(folder, "config"), configurationOf(values));
    copyFiles(repository, folder, options.withIndex);
    return await use({ repository, folder, head, values, limit, run });
  } finally {
    limit.stop();
    await Promise.allSettled(running);
    remove();
    process.off("exit", remove);
  }
}

/** What an error says of git or of files; throws one that says nothing of them. */
export function whyLeftOut(error: unknown): GitLeftOut {
  if (error instanceof LeftOut) return error.why;
  if (errorCodeOf(error) !== undefined) return "failed";
  throw error;
}

/** Before the repository's values are known: enough for git to take it for a git directory. */
function writeGitDir(folder: string, head: string | undefined): void {
  for (const name of ["refs", "objects", "info"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "HEAD"), `${head ?? "ref: refs/heads/none"}\n`);
  const format = new Map(head?.length === 64 ? [["extensions.objectformat", "sha256"]] : []);
  writeFileSync(join(folder, "config"), configurationOf(format));
}

type Run = (args: readonly string[], input?: Buffer, env?: Record<string, string | undefined>) => Promise<Buffer>;

/**
 * The values of a repository, above those of the user and the machine. Git reads the repository's as a text from us: it
 * opens no file that the text includes, and takes nothing in it for its own configuration.
 */
async function valuesOf({ repository, withIndex }: PrivateGitOptions, run: Run): Promise<GitValues> {
  const list = ["config", "--null", "--list"];
  const text = configurationIn(repository);
  const [ofUser, ofRepository] = await Promise.all([
    withIndex ? run([...list, "--includes"], undefined, WITH_OWN_CONFIGURATION) : Buffer.alloc(0),
    plainListing(text) ?? run([...list, "--no-includes", "--file", "-"], text),
  ]);
  const values = readValues(ofRepository);
  const common = new Map(
    [...readValues(ofUser)].filter(([key]) => key !== "extensions.objectformat" && key !== "core.bare"),
  );
  return new Map([...common, ...values]);
}

function configurationIn({ commonDir, gitDir }: Repository): Buffer {
  const text = readPlainFile(join(commonDir, "config"), MOST_CONFIGURATION_BYTES) ?? Buffer.alloc(0);
  // The one extension that brings a second file, which counts above the first.
  if (!/^[ \t]*worktreeconfig[ \t]*(?:=[ \t]*(?:true|yes|on|1)[ \t]*)?\r?$/im.test(text.toString("latin1"))) {
    return text;
  }
  const own = readPlainFile(join(gitDir, "config.worktree"), MOST_CONFIGURATION_BYTES);
  return own === undefined ? text : Buffer.concat([text, Buffer.from("\n"), own]);
}

function copyFiles({ commonDir, gitDir }: Repository, folder: string, withIndex: boolean): void {
  // Where the history of a shallow clone ends.
  copy(join(commonDir, "shallow"), join(folder, "shallow"));
  if (!withIndex) return;
  for (const name of ["exclude", "attributes"]) copy(join(commonDir, "info", name), join(folder, "info", name));
  copy(join(gitDir, "info", "sparse-checkout"), join(folder, "info", "sparse-checkout"));
  copy(join(gitDir, "index"), join(folder, "index"));
  // Of a split index: what the index itself only adds to.
  const shared = readdirSync(gitDir).filter((name) => /^sharedindex\.[0-9a-f]{40,64}$/.test(name));
  for (const name of shared.slice(0, 8)) copy(join(gitDir, name), join(folder, name));
}

/**
 * Git looks closer at a file that is as new as the index: it may have changed within the same tick of the clock. So the
 * copy is never newer than what it was copied from.
 */
function copy(from: string, to: string): void {
  const before = statSync(from, { throwIfNoEntry: false });
  const content = readPlainFile(from, MOST_INDEX_BYTES);
  if (before === undefined || content === undefined) return;
  writeFileSync(to, content, { mode: 0o600 });
  const at = Math.floor(before.mtimeMs) / 1000;
  utimesSync(to, at, at);
}
