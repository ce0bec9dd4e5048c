import { isJsonObject, type JsonValue } from "../../domain/json.ts";
import { plainLine } from "../../domain/plain-text.ts";
import { programIndex, startsThisProgram } from "./launch.ts";

/** How a client is told to start the server. */
export interface ServerEntry {
  readonly type?: "stdio";
  readonly command: string;
  readonly args: readonly string[];
}

/** Whether an entry of a client's list starts this program; another program may bear our name. */
export function isOurs(entry: JsonValue): boolean {
  const { args, command } = commandLineOf(entry);
  return command !== undefined && startsThisProgram(command, args);
}

/** What an entry starts, on one line, for people. */
export function startedBy(entry: JsonValue): string {
  const { args, command } = commandLineOf(entry);
  if (command !== undefined) return plainLine([command, ...args].join(" "), 200);
  return isJsonObject(entry) && typeof entry.url === "string" ? plainLine(entry.url, 200) : "something else";
}

/** The entry that is wanted, with the flags that a person has added to the one that is there. */
export function withOwnFlags(wanted: ServerEntry, present: JsonValue): ServerEntry {
  const { args } = commandLineOf(present);
  const flags = args.slice(programIndex(args) + 1).filter((word) => word !== "serve");
  const replaced = ["--root", ...wanted.args.filter((word) => word.startsWith("--"))];
  const own = flags.filter((word, index) => {
    const isValue = replaced.includes(flags[index - 1] ?? "");
    return !isValue && !replaced.includes(word.replace(/=.*$/s, ""));
  });
  return { ...wanted, args: [...wanted.args, ...own] };
}

/** The words of an entry that is ours. */
export function wordsOf(entry: JsonValue | undefined): readonly string[] {
  return entry !== undefined && isOurs(entry) ? commandLineOf(entry).args : [];
}

function commandLineOf(entry: JsonValue): { command: string | undefined; args: string[] } {
  if (!isJsonObject(entry)) return { command: undefined, args: [] };
  const { args, command } = entry;
  return {
    command: typeof command === "string" ? command : undefined,
    args: Array.isArray(args) ? args.filter((word) => typeof word === "string") : [],
  };
}
