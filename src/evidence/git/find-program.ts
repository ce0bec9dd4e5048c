import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

export interface ProgramSearch {
  /** The variable PATH. */
  readonly path: string | undefined;
  /** The variable PATHEXT of Windows. */
  readonly pathExt?: string | undefined;
  readonly windows: boolean;
  /** The folders of the project: nothing in them is started. */
  readonly outside: readonly string[];
}

/** What Windows starts by itself; a batch file needs a shell, which reads its arguments anew. */
const startable = [".com", ".exe"];

/**
 * The search of a process: nothing is taken from the folder that it is at work in, nor from those around it up to the
 * outermost that is a repository. The home folder is none of them.
 */
export function searchOf(env: Environment, cwd: string, platform: NodeJS.Platform = process.platform): ProgramSearch {
  const homeFolder = env.HOME || env.USERPROFILE;
  const home = homeFolder ? realPath(homeFolder) : undefined;
  const around: string[] = [];
  for (let folder = realPath(cwd); !around.includes(folder) && folder !== home; folder = path.dirname(folder)) {
    around.push(folder);
  }
  const outermost = around.findLast((folder) => existsSync(path.join(folder, ".git")));
  const outside = [cwd, ...(outermost === undefined ? [] : [outermost])];
  return { path: variable(env, "PATH"), pathExt: variable(env, "PATHEXT"), windows: platform === "win32", outside };
}

/** Git as it may be started for a folder: by its full path, and with a PATH of the same kind. */
export function findGit(env: Environment, cwd: string): { program: string; env: Environment } | undefined {
  const search = searchOf(env, cwd);
  const program = findProgram("git", search);
  return program === undefined ? undefined : { program, env: safeEnvironment(env, search) };
}

/** The environment for a program that starts others by their names: with a PATH without what a project may have put there. */
export function safeEnvironment(env: Environment, search: ProgramSearch): Environment {
  return { ...env, [nameOf(env, "PATH")]: safePath(search) };
}

/** The absolute path of a program on the PATH, passing over what a project may have put there; `undefined` if there is none. */
export function findProgram(name: string, search: ProgramSearch): string | undefined {
  if (!/^[\w.+-]{1,100}$/.test(name)) return undefined;
  const names = namesOf(name, search);
  for (const folder of safeFolders(search)) {
    for (const one of names) {
      const file = (search.windows ? path.win32 : path.posix).join(folder, one);
      if (isProgram(file, search)) return file;
    }
  }
  return undefined;
}

/** The PATH for a program that we start: without what a project may have put there. */
export function safePath(search: ProgramSearch): string {
  return safeFolders(search).join(search.windows ? ";" : ":");
}

/** Windows writes the names of its variables in any case: its own is `Path`. */
function nameOf(env: Environment, name: string): string {
  return Object.keys(env).find((one) => one.toUpperCase() === name) ?? name;
}

function variable(env: Environment, name: string): string | undefined {
  return env[nameOf(env, name)];
}

/** On Windows never the bare name: with an extension, a full path means that one file. */
function namesOf(name: string, { pathExt, windows }: ProgramSearch): string[] {
  if (!windows) return [name];
  const extensions = (pathExt ?? startable.join(";")).toLowerCase().split(";");
  const usable = extensions.filter((extension) => startable.includes(extension));
  return usable.some((extension) => name.toLowerCase().endsWith(extension))
    ? [name]
    : usable.map((extension) => name + extension);
}

function safeFolders(search: ProgramSearch): string[] {
  const { isAbsolute } = search.windows ? path.win32 : path.posix;
  const entries = (search.path ?? "").split(search.windows ? ";" : ":");
  return entries
    .map((entry) => (search.windows ? entry.replaceAll('"', "") : entry))
    .filter((entry) => isAbsolute(entry) && isSafe(entry, search));
}

function isSafe(place: string, { outside, windows }: ProgramSearch): boolean {
  const real = realPath(place);
  return [place, real].every(
    (one) =>
      !/[\\/]node_modules[\\/]\.bin(?:[\\/]|$)/i.test(one) && !outside.some((folder) => isIn(folder, one, windows)),
  );
}

function isIn(folder: string, place: string, windows: boolean): boolean {
  const { isAbsolute, relative, sep } = windows ? path.win32 : path.posix;
  return [folder, realPath(folder)].some((one) => {
    const steps = relative(one, place);
    return steps !== ".." && !steps.startsWith(`..${sep}`) && !isAbsolute(steps);
  });
}

function isProgram(file: string, search: ProgramSearch): boolean {
  try {
    if (!statSync(file).isFile()) return false;
    accessSync(file, constants.X_OK);
    return isSafe(file, search);
  } catch {
    return false;
  }
}

function realPath(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    return place;
  }
}
