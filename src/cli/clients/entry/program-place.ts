import { delimiter, resolve } from "node:path";
import type { Machine } from "../../../project-root.ts";
import { wordsUpToProgram } from "./launch.ts";

interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
  /** The program that runs now. */
  readonly script: string;
}

/** What a line that starts us names, and where that is: `undefined` if there is no such file on this machine. */
export interface StartedProgram {
  readonly named: string;
  readonly path: string | undefined;
}

/**
 * The program of a line: a file that is shared may name a place that is on another's machine only, or on none. What a
 * client runs in the project's folder is named from there; a name without a way is looked for as shells do.
 */
export function startedProgram(words: readonly string[], project: string, around: Surroundings): StartedProgram {
  const [command = "", ...args] = words;
  const argument = args[wordsUpToProgram(command, args) - 1];
  const named = argument ?? command;
  const place = named.replace(/^\$(?:CLAUDE_PROJECT_DIR\b|\{CLAUDE_PROJECT_DIR(?::[-?][^}]*)?\})/, project);
  const isFile = (path: string) => around.machine.kindOf(path) === "file";
  if (/[\\/]/.test(place)) return { named, path: [resolve(project, place)].find(isFile) };
  // A package that npx keeps or fetches has no place that we know: it counts as there.
  if (argument !== undefined) return { named, path: around.script };
  const folders = (around.environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const places = folders.map((folder) => resolve(project, folder, place)).flatMap((path) => [path, `${path}.cmd`]);
  return { named, path: places.find(isFile) };
}
