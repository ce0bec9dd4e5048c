import { lstatSync, readdirSync, type Stats } from "node:fs";
import { basename, join } from "node:path";

/** A transcript of a subagent that has ended. */
export interface PastRun {
  readonly path: string;
  /** The client's own id of the run. */
  readonly key: string;
  readonly bytes: number;
  /** When it was last written to, in ms. */
  readonly changedAt: number;
}

/** What Claude Code runs for itself: to sum a conversation up, and to suggest a prompt. */
const ofClient = /^agent-(?:acompact|aprompt_suggestion)-/;
const ofSubagent = /^agent-([\w-]{1,128})\.jsonl$/;

/**
 * The transcripts of Claude Code's subagents that may belong to a project, newest first. Links are not followed, and what
 * is another user's is left out. The client names a project's folder by its path with each other character as a dash, so
 * that several projects may share one: each transcript says itself in which folders it was at work.
 *
 * @param projects Claude Code's folder of projects.
 * @param roots The project's paths: as it is named, and its real one.
 */
export function pastRuns(projects: string, roots: readonly string[]): PastRun[] {
  const slugs = roots.map((root) => root.replaceAll(/[^A-Za-z0-9]/g, "-"));
  const isOurs = (name: string) => slugs.some((slug) => name === slug || name.startsWith(`${slug}-`));
  return foldersIn(projects)
    .filter((folder) => isOurs(basename(folder)))
    .flatMap((folder) => [folder, ...foldersIn(folder).map((session) => join(session, "subagents"))])
    .flatMap((folder) => runsIn(folder))
    .sort((a, b) => b.changedAt - a.changedAt);
}

function runsIn(folder: string): PastRun[] {
  return namesIn(folder).flatMap((name) => {
    const key = ofClient.test(name) ? undefined : ofSubagent.exec(name)?.[1];
    const path = join(folder, name);
    const stats = key === undefined ? undefined : ownStats(path);
    if (key === undefined || !stats?.isFile()) return [];
    return [{ path, key, bytes: stats.size, changedAt: stats.mtimeMs }];
  });
}

function foldersIn(folder: string): string[] {
  return namesIn(folder)
    .map((name) => join(folder, name))
    .filter((path) => ownStats(path)?.isDirectory());
}

function namesIn(folder: string): string[] {
  if (!ownStats(folder)?.isDirectory()) return [];
  try {
    return readdirSync(folder);
  } catch {
    // Not ours to look into.
    return [];
  }
}

/** Of the thing itself and not of what a link leads to; `undefined` for what is another user's. */
function ownStats(path: string): Stats | undefined {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    const self = process.geteuid?.();
    return stats !== undefined && self !== undefined && stats.uid !== self ? undefined : stats;
  } catch {
    return undefined;
  }
}
