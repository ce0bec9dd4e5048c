import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Setting } from "./config.ts";
import { printable } from "./domain/text/plain-text.ts";
import { KaizenError } from "./errors.ts";

/** What the rules have to know of the machine; a test passes its own. */
export interface Machine {
  readonly windows: boolean;
  /** `undefined` if the folder that the process was started in is gone. */
  readonly workingDirectory: string | undefined;
  readonly home: string | undefined;
  kindOf(path: string): "folder" | "file" | "missing";
  /** The path without symbolic links, or as it is if that cannot be told. */
  realPath(path: string): string;
}

/** The project's folder, and the rule that chose it. */
export interface ProjectRoot {
  readonly path: string;
  readonly rule: string;
  /** Why roots of the client that could have decided did not. */
  readonly passedOver?: readonly string[];
}

/** So many roots are looked at; no client has more folders open. */
const MAX_ROOTS = 1_000;

/** Why so many of them did not decide is told; more say the same. */
const TOLD_ROOTS = 5;

const CLIENT_ROOT = "a root of the client";

/** The rules that take a person at their word also where the home folder is meant. */
const explicitRules: readonly string[] = ["--root", "KAIZEN_PROJECT_ROOT"];

const settingRules: readonly string[] = [...explicitRules, "CLAUDE_PROJECT_DIR"];

/**
 * Finds the project's folder: what a flag or variable says; else the client's roots, asked only then; else the nearest
 * folder upwards with `.kaizen`, then with `.git`. Throws NO_PROJECT: a setting that cannot be a project is never passed
 * over for a lower rule, for then runs would land in another project without a word.
 */
export async function findProjectRoot(
  given: Setting<string> | undefined,
  machine: Machine,
  askClient: () => Promise<readonly string[]>,
): Promise<ProjectRoot> {
  if (given !== undefined) return usableRoot(given, machine);
  const clientRoots = usableClientRoots(await askClient(), machine);
  const found =
    clientRoots.roots.find((root) => holds(root.path, ".kaizen", machine)) ??
    clientRoots.roots[0] ??
    nearestUpwards(".kaizen", machine) ??
    nearestUpwards(".git", machine);
  if (found !== undefined) {
    return clientRoots.refusals.length === 0 ? found : { ...found, passedOver: clientRoots.refusals };
  }
  const start = machine.workingDirectory ?? "a working directory that is gone";
  const reasons = [
    ...clientRoots.refusals,
    `No folder upwards from ${start} is a project: none holds .kaizen or .git (your home folder and / are not used).`,
  ];
  throw noProject(reasons.join(" "));
}

/** What one rule says, whether or not it is the one that decides. */
export interface RuleAnswer {
  readonly rule: string;
  /** The folder that it would choose, or `null` if it chooses none. */
  readonly path: string | null;
  /** Why what it was given cannot be a project; `undefined` if it was given nothing, or chooses. */
  readonly problem?: string;
}

/** Every rule by itself, in the order in which they decide; but for the client's roots, which only a client knows. */
export function everyRule(given: readonly Setting<string>[], machine: Machine): RuleAnswer[] {
  return [
    ...settingRules.map((rule) => answerOf(rule, given, machine)),
    ...([".kaizen", ".git"] as const).map((marker) => ({
      rule: upwardsRule(marker),
      path: nearestUpwards(marker, machine)?.path ?? null,
    })),
  ];
}

function answerOf(rule: string, given: readonly Setting<string>[], machine: Machine): RuleAnswer {
  const setting = given.find(({ source }) => source === rule);
  if (setting === undefined) return { rule, path: null };
  try {
    return { rule, path: usableRoot(setting, machine).path };
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    return { rule, path: null, problem: error.message };
  }
}

function usableClientRoots(uris: readonly string[], machine: Machine): { roots: ProjectRoot[]; refusals: string[] } {
  const roots: ProjectRoot[] = [];
  const refusals: string[] = [];
  for (const value of [...new Set(uris)].slice(0, MAX_ROOTS)) {
    try {
      roots.push(usableRoot({ value, source: CLIENT_ROOT }, machine));
    } catch (error) {
      // A client offers every folder that it has open: one that cannot be a project does not speak for the others.
      if (!(error instanceof KaizenError)) throw error;
      refusals.push(error.message);
    }
  }
  const more = refusals.length - TOLD_ROOTS;
  const told = refusals.slice(0, TOLD_ROOTS);
  return { roots, refusals: more > 0 ? [...told, `${more} more of the client's roots cannot be a project.`] : told };
}

function usableRoot(given: Setting<string>, machine: Machine): ProjectRoot {
  const refuse = (what: string) =>
    noProject(`${given.source} is ${JSON.stringify(given.value.slice(0, 300))}: ${what}.`);
  const variable = /\$\{[^}]*\}?/.exec(given.value)?.[0];
  if (variable !== undefined) {
    throw refuse(`the client did not replace ${variable}. Write the project's full path in its place`);
  }
  if (given.value.trim() === "") throw refuse("it is empty");
  const trimmed = given.value.trim();
  // A client does not know where we were started: a path from there on is none that it can mean.
  if (given.source === CLIENT_ROOT && !isWhole(trimmed, machine)) throw refuse(NO_FOLDER);
  // A folder's name may end with a space; more often one was copied along.
  const exact = readPath(machine.windows ? trimmed : given.value, machine, refuse);
  const folder = machine.kindOf(exact) === "missing" ? readPath(trimmed, machine, refuse) : exact;
  if (isFilesystemRoot(folder, machine)) throw refuse("the top of a file system is no project");
  const kind = machine.kindOf(folder);
  if (kind === "file") throw refuse("that is a file, not a folder");
  if (kind === "missing") throw refuse(`there is no folder ${folder}`);
  if (isHome(folder, machine) && !explicitRules.includes(given.source)) {
    throw refuse("the home folder is taken for a project only where --root or KAIZEN_PROJECT_ROOT says so");
  }
  return { path: folder, rule: given.source };
}

const NO_FOLDER = "only paths and file:// URIs name a folder";

/** Whether it names a folder wherever it is read: a `file:` URI or a full path, but no URI of another kind. */
function isWhole(text: string, machine: Machine): boolean {
  return /^file:\//i.test(text) || (machine.windows ? path.win32 : path.posix).isAbsolute(text);
}

/** Reads a path, a `file://` URI, or the form `/c%3A/...` in which some clients send Windows paths. */
function readPath(text: string, machine: Machine, refuse: (what: string) => KaizenError): string {
  const { resolve } = machine.windows ? path.win32 : path.posix;
  const drive = /^\/([a-z])(?::|%3a)(?=\/|$)/i.exec(text);
  if (drive !== null) {
    if (!machine.windows) throw refuse("that is a path of Windows");
    return resolve(`${drive[1]}:${decoded(text.slice(drive[0].length), refuse) || "/"}`);
  }
  if (/^file:/i.test(text)) {
    try {
      // Some clients put a path behind file:// as it is; a URI would lose a space at its end.
      return resolve(fileURLToPath(text.replaceAll(" ", "%20"), { windows: machine.windows }));
    } catch (cause) {
      throw new KaizenError("NO_PROJECT", refuse("that is not the URI of a folder on this machine").message, { cause });
    }
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) throw refuse(NO_FOLDER);
  const fromHome = machine.home !== undefined && /^~(?=[\\/]|$)/.test(text) ? machine.home + text.slice(1) : text;
  return machine.workingDirectory === undefined ? resolve(fromHome) : resolve(machine.workingDirectory, fromHome);
}

function decoded(text: string, refuse: (what: string) => KaizenError): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse("its percent signs encode nothing");
  }
}

/** Scans up from the working directory. Stops below the home folder and the top: neither of them is a project. */
function nearestUpwards(marker: ".kaizen" | ".git", machine: Machine): ProjectRoot | undefined {
  const { dirname } = machine.windows ? path.win32 : path.posix;
  let folder = machine.workingDirectory;
  while (folder !== undefined && !isFilesystemRoot(folder, machine) && !isHome(folder, machine)) {
    if (holds(folder, marker, machine)) return { path: folder, rule: upwardsRule(marker) };
    folder = dirname(folder);
  }
  return undefined;
}

function upwardsRule(marker: string): string {
  return `nearest folder upwards with ${marker}`;
}

function holds(folder: string, marker: ".kaizen" | ".git", machine: Machine): boolean {
  const { join } = machine.windows ? path.win32 : path.posix;
  const kind = machine.kindOf(join(folder, marker));
  // In a linked work tree `.git` is a file.
  return kind === "folder" || (marker === ".git" && kind === "file");
}

function isFilesystemRoot(folder: string, machine: Machine): boolean {
  const { parse, resolve } = machine.windows ? path.win32 : path.posix;
  const absolute = resolve(machine.realPath(folder));
  return parse(absolute).root === absolute;
}

function isHome(folder: string, machine: Machine): boolean {
  return machine.home !== undefined && machine.realPath(folder) === machine.realPath(machine.home);
}

function noProject(message: string): KaizenError {
  // Shown on terminals, and no one's recorded data: a path is on one line, and steers nothing.
  return new KaizenError("NO_PROJECT", printable(message).replaceAll(/[\n\t]/g, "?"), {
    hint: "Give --root with the project's full path, or set KAIZEN_PROJECT_ROOT to it.",
  });
}
