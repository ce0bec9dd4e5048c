import type { Stats } from "node:fs";
import { dirname, isAbsolute, resolve, sep } from "node:path";
import { KaizenError } from "../../errors.ts";
import type { Machine } from "../../project-root.ts";
import { fileFailure } from "../input/file-failure.ts";
import { isInProject, walkPath } from "../input/typed-path.ts";
import { descriptorOf } from "./descriptor.ts";

/** What the name of a file to be written means. */
export type OutputPlace =
  | { readonly kind: "open"; readonly descriptor: number }
  /** A device or pipe. */
  | { readonly kind: "special"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly stats: Stats | undefined };

/**
 * Finds out what the user named with a flag, and writes nothing yet. A link is followed as `cp` follows it, but not within
 * a project: it may have come with a clone, and lead to another file of the user's.
 */
export function outputPlace(given: string, project: string, machine: Machine, flag = "--output"): OutputPlace {
  if (machine.workingDirectory === undefined && !isAbsolute(given)) {
    throw new KaizenError("IO_ERROR", `${shown(given)} is in a working directory that is gone.`, {
      hint: "Name the file by its full path.",
    });
  }
  const absolute = resolve(given);
  const { path, stats } = looking(given, () =>
    walkPath(absolute, {
      isEnd: (end) => descriptorOf(end) !== undefined,
      expectFollowable({ path: link, target }) {
        if (isInProject(dirname(link), machine.realPath(project), machine)) throw linkOfProject(link, target);
      },
    }),
  );
  const descriptor = descriptorOf(path);
  if (descriptor !== undefined) return { kind: "open", descriptor };
  if (path.split(sep).some((name) => name.toLowerCase() === ".kaizen")) {
    throw new KaizenError("INVALID_ARGUMENT", `${flag} is ${shown(given)}, which is the store's own.`, {
      hint: "Name a file outside of .kaizen.",
    });
  }
  return stats === undefined || stats.isFile() ? { kind: "file", path, stats } : { kind: "special", path };
}

function linkOfProject(link: string, target: string): KaizenError {
  const where = shown(resolve(dirname(link), target));
  return new KaizenError("UNSAFE_PATH", `${shown(link)} is a link of the project, to ${where}: it is not followed.`, {
    hint: "If that is meant, name it by its own path; else look where the link comes from.",
  });
}

function looking<T>(given: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw fileFailure(shown(given), "written", error);
  }
}

export function shown(path: string): string {
  return JSON.stringify(path.slice(0, 300));
}
