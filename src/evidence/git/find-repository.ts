import { existsSync, lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LeftOut } from "./limit.ts";
import { readShortText } from "./plain-file.ts";

/** Where a working copy and what git keeps of it lie, as real paths. */
export interface Repository {
  readonly worktree: string;
  /** Of this working copy alone: its HEAD and its index. */
  readonly gitDir: string;
  /** Of all working copies of the repository: objects, refs and configuration. */
  readonly commonDir: string;
}

/**
 * Finds the repository that a folder is in, upwards for `.git`. Git's own search also takes a bare repository for one,
 * and a clone can bring such a folder. The home folder counts only from itself: a user who keeps it in git does not mean
 * every folder in it. Throws `LeftOut`.
 */
export function findRepository(cwd: string, home: string | undefined): Repository {
  const start = realPath(cwd);
  const homeFolder = home === undefined || statOf(home) === undefined ? home : realPath(home);
  let isInBare = false;
  let folder = start;
  while (folder === start || folder !== homeFolder) {
    const found = repositoryAt(folder);
    if (found !== undefined) return found;
    isInBare ||= isGitDir(folder);
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  throw new LeftOut(isInBare ? "bare" : "no_git");
}

/** The repository whose working copy begins at a folder. Throws `LeftOut` if it is another user's, or none can be read. */
function repositoryAt(folder: string): Repository | undefined {
  const entry = join(folder, ".git");
  const stats = statOf(entry);
  if (stats === undefined) return undefined;
  const gitDir = stats.isFile() ? gitDirOf(folder, entry) : realPath(entry);
  if (!isGitDir(gitDir)) {
    if (stats.isFile()) throw new LeftOut("failed");
    return undefined;
  }
  const common = readShortText(join(gitDir, "commondir"));
  const commonDir = common === undefined ? gitDir : realPath(resolve(gitDir, common));
  refuseForeign([folder, entry, gitDir, commonDir]);
  return { worktree: folder, gitDir, commonDir };
}

/** A repository that lies in another one's working copy; what cannot be read is none. Throws `LeftOut` for another user's. */
export function findNested(folder: string): Repository | undefined {
  try {
    return repositoryAt(folder);
  } catch (error) {
    if (error instanceof LeftOut && error.why === "failed") return undefined;
    throw error;
  }
}

/** In a linked working copy and in a submodule `.git` is a file that names a folder. */
function gitDirOf(folder: string, file: string): string {
  const named = /^gitdir: ([^\n\r]+)$/.exec(readShortText(file) ?? "")?.[1];
  if (named === undefined) throw new LeftOut("failed");
  const place = resolve(folder, named);
  // Windows tells a server its user's name and a hash of the password as soon as a path on it is looked at.
  if (/^[\\/]{2}/.test(place)) throw new LeftOut("not_ours");
  return realPath(place);
}

/** A folder without refs is none: a linked working copy has those of its repository. */
function isGitDir(folder: string): boolean {
  if (statOf(join(folder, "HEAD"))?.isFile() !== true) return false;
  if (existsSync(join(folder, "commondir"))) return true;
  return ["objects", "refs"].every((name) => statOf(join(folder, name))?.isDirectory() === true);
}

/** A private git directory switches git's own check of the owner off, so it is made here. Windows has no such owner. */
function refuseForeign(places: readonly string[]): void {
  const self = process.geteuid?.();
  if (self === undefined) return;
  if (places.some((place) => lstatSync(place).uid !== self)) throw new LeftOut("not_ours");
}

function statOf(place: string): Stats | undefined {
  try {
    return statSync(place);
  } catch {
    return undefined;
  }
}

function realPath(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    throw new LeftOut("failed");
  }
}
