import { existsSync } from "node:fs";
import path from "node:path";
import { KaizenError } from "../../../errors.ts";
import type { Machine } from "../../../project-root.ts";

/** The name of the package, and of the server in every client's list. */
export const SERVER_NAME = "kaizen-metrics";

/**
 * What the package is called in npm's registry; `undefined` until it is there. Until then no file may start it through
 * npx by its name: a stranger may take the name, and npx would start the stranger's program.
 */
export const PUBLISHED_AS: string | undefined = undefined;

/** How a client starts this program. */
export type Launch =
  /** By the place of its file on this machine. */
  | { readonly kind: "file"; readonly path: string }
  /** From the project's own node_modules, by a path from the project's folder: the same for everybody. */
  | { readonly kind: "local"; readonly path: string }
  /** Through npx, which keeps or fetches that version. */
  | { readonly kind: "npx"; readonly packageSpec: string };

const PROGRAM_IN_PACKAGE = "dist/main.js";

/** Decides by where the running program lies. A folder that npx and its like made may be gone tomorrow. */
export function launchFor(facts: {
  readonly script: string;
  readonly project: string;
  readonly version: string;
  readonly machine: Machine;
  readonly publishedAs: string | undefined;
}): Launch {
  const { machine, project, publishedAs, version } = facts;
  const script = machine.realPath(path.resolve(facts.script));
  // By this it is known again: by the next init, and by the hooks.
  if (!/[\\/]dist[\\/]main\.js$/.test(script)) {
    throw new KaizenError("INVALID_ARGUMENT", `${script} is not a built program that a client could start.`, {
      hint: "Build it, and run init from dist/main.js.",
    });
  }
  if (/[\\/](?:_npx|dlx(?:-[^\\/]+)?|bunx-[^\\/]+)[\\/]/.test(script)) {
    if (publishedAs !== undefined) return { kind: "npx", packageSpec: `${publishedAs}@${version}` };
    const problem = `${SERVER_NAME} is not in npm's registry, so a client that starts it through npx would get nothing, or whatever stands there under that name by then.`;
    throw new KaizenError("INVALID_ARGUMENT", problem, {
      hint: `Run init from where it stays: from a clone, with node /path/to/kaizen-metrics/dist/main.js init; or after npm install --save-dev /path/to/${SERVER_NAME}-${version}.tgz in the project.`,
    });
  }
  const local = `node_modules/${SERVER_NAME}/${PROGRAM_IN_PACKAGE}`;
  const installed = path.join(project, local);
  if (existsSync(installed) && machine.realPath(installed) === script) return { kind: "local", path: local };
  return { kind: "file", path: withoutVariables(script) };
}

/** Clients replace what looks like a variable wherever they find it, and there is no way to quote it. */
export function withoutVariables(place: string): string {
  if (!/\$[{\w]/.test(place)) return place;
  throw new KaizenError("INVALID_ARGUMENT", `The path ${place} has a part that clients take for a variable.`, {
    hint: "Move the folder to a path without a dollar sign.",
  });
}

/** Whether a command line starts this program, wherever it lies and however it was started before. */
export function startsThisProgram(command: string, args: readonly string[]): boolean {
  const runner = runnerOf(command);
  return runner === SERVER_NAME || (wordsBefore[runner] !== undefined && programIndex(args) !== -1);
}

function runnerOf(command: string): string {
  const name = command.slice(Math.max(command.lastIndexOf("/"), command.lastIndexOf("\\")) + 1);
  return name.replace(/\.(?:exe|cmd)$/i, "");
}

/** What starts this program, each with the words that may stand before the program's own name. */
const wordsBefore: Readonly<Partial<Record<string, readonly string[]>>> = {
  node: [],
  nodejs: [],
  npx: ["-y", "--yes"],
  bunx: [],
  cmd: ["/c", "npx", "-y"],
};

/** Which of the arguments names the program; what follows is for it. -1 if none does. */
function programIndex(args: readonly string[]): number {
  return args.findIndex((word) => /(?:^|[\\/])dist[\\/]main\.js$|^kaizen-metrics(?:@[^\\/]*)?$/.test(word));
}

/** How many of the arguments stand up to the program's name, with it; what follows is for the program. */
export function wordsUpToProgram(command: string, args: readonly string[]): number {
  return runnerOf(command) === SERVER_NAME ? 0 : programIndex(args) + 1;
}

const flagsOfOurs: readonly string[] = ["--root", "--retention-days", "--limit"];

/**
 * The words of a line that starts this program that are none of those with which `init` starts it: flags for who runs it,
 * another package under our name, flags that we do not know.
 */
export function strangeWords(command: string, args: readonly string[]): string[] {
  const at = wordsUpToProgram(command, args);
  const before = args.slice(0, Math.max(0, at - 1));
  const program = args.slice(before.length, at);
  const [door] = args.slice(at);
  return [
    ...before.filter((word) => wordsBefore[runnerOf(command)]?.includes(word) !== true),
    ...program.filter(
      (word) => word.includes("@") && /^kaizen-metrics@(?!latest$|\d+(?:\.\d+){0,2}(?:-[\w.]+)?$)/.test(word),
    ),
    ...strangeFlags(args.slice(at + (door === "serve" || door === "statusline" ? 1 : door === "hook" ? 2 : 0))),
  ];
}

/** Of the words behind the program's name: those that are none of our flags, nor the value of one. */
export function strangeFlags(words: readonly string[]): string[] {
  const isFlag = (word: string | undefined) => word !== undefined && flagsOfOurs.includes(word.replace(/=.*$/s, ""));
  const strange: string[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? "";
    // The value of a flag is the next word, which has to be there.
    const length = word.includes("=") ? 1 : 2;
    if (!isFlag(word) || at + length > words.length) strange.push(word);
    at += isFlag(word) ? length : 1;
  }
  return strange;
}

/** Windows has no way to quote these in a line that cmd and PowerShell read alike; the last three are quotes there. */
const unquotable = /[$`%!"^\u201c-\u201e]/;

/**
 * One word for a shell, in double quotes where it needs any: POSIX shells, cmd and PowerShell all know those. Paths of
 * Windows are written with slashes, which every program there takes: Git Bash, which Claude Code prefers, makes nothing
 * of a backslash outside quotes, and one of two inside.
 */
export function shellWord(word: string, windows: boolean): string {
  if (windows) return quotedOnWindows(withoutShellSigns(word).replaceAll("\\", "/"));
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word.replaceAll(/[\\"$`]/g, "\\$&")}"`;
}

function quotedOnWindows(word: string): string {
  return /^[\w@+:./-]+$/.test(word) && !word.startsWith("@") ? word : `"${word}"`;
}

function withoutShellSigns(word: string): string {
  const sign = unquotable.exec(word)?.[0];
  if (sign === undefined) return word;
  throw new KaizenError("INVALID_ARGUMENT", `The path ${word} has a ${sign}, which cmd or PowerShell would act on.`, {
    hint: "Move the folder to a path without it, or leave the hooks out with --no-hooks.",
  });
}
