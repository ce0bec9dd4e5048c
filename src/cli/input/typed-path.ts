import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, parse, sep } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { Machine } from "../../project-root.ts";

/** As many as Linux follows in one path. */
const MOST_LINKS = 40;
const separator = sep === "/" ? /\/+/ : /[\\/]+/;

interface Link {
  /** Its own path, without links. */
  readonly path: string;
  /** As it stands in the link. */
  readonly target: string;
}

export interface Place {
  /** Without links; but of a link of the system's own that no path says, as those of open files, that link. */
  readonly path: string;
  /** What is there; `undefined` if nothing is. */
  readonly stats: Stats | undefined;
}

export interface Scan {
  /** Throws if this link may not be followed. */
  expectFollowable(link: Link): void;
  /** Whether the walk is over at this path, whatever is there. */
  isEnd?(path: string): boolean;
}

/**
 * Follows an absolute path as the system would, but one component at a time, so that each link can be refused. The last
 * component may be missing. Throws UNSAFE_PATH for a link that leads nowhere, and what the system says of other failures.
 */
export function walkPath(absolute: string, { expectFollowable, isEnd }: Scan): Place {
  let path = parse(absolute).root;
  let left = componentsOf(absolute);
  let lastLink: string | undefined;
  for (let links = 0; ; ) {
    const name = left.shift();
    if (name === undefined) return { path, stats: lstatSync(path) };
    if (name === "..") {
      path = dirname(path);
      continue;
    }
    const next = join(path, name);
    const isLast = left.length === 0;
    if (isLast && isEnd?.(next) === true) return { path: next, stats: undefined };
    const stats = lstatSync(next, { throwIfNoEntry: !isLast });
    if (stats?.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw unsafe(absolute, "leads through links that go round in circles");
      const target = readlinkSync(next);
      expectFollowable({ path: next, target });
      if (isLast) lastLink = next;
      if (isAbsolute(target)) path = parse(target).root;
      left = [...componentsOf(target), ...left];
      continue;
    }
    if (stats === undefined && lastLink !== undefined) return behindSystemLink(lastLink);
    path = next;
    if (isLast) return { path, stats };
  }
}

/** A pipe or socket that a process has open has no path: the system's link to it leads there all the same. */
function behindSystemLink(link: string): Place {
  const stats = statSync(link, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory()) return { path: link, stats };
  throw unsafe(link, "is a symbolic link that leads nowhere");
}

function componentsOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(separator)
    .filter((name) => name !== "" && name !== ".");
}

function unsafe(path: string, what: string): KaizenError {
  return new KaizenError("UNSAFE_PATH", `${JSON.stringify(path.slice(0, 300))} ${what}.`, {
    hint: "Take it away, or name the file that it should lead to.",
  });
}

/**
 * Whether a folder is part of a project: the given one, or a clone of any. What links lead to there, others may have
 * decided. Both paths are without links. The home folder makes no project of all that lies below it.
 */
export function isInProject(folder: string, project: string, machine: Machine): boolean {
  if (folder === project || folder.startsWith(project.endsWith(sep) ? project : project + sep)) return true;
  const home = machine.home === undefined ? undefined : machine.realPath(machine.home);
  for (let above = folder; above !== home && above !== dirname(above); above = dirname(above)) {
    if ([".git", ".kaizen"].some((marker) => machine.kindOf(join(above, marker)) !== "missing")) return true;
  }
  return false;
}
