import { isJsonObject, type JsonValue } from "../../../domain/text/json.ts";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { startsThisProgram, strangeWords, wordsUpToProgram } from "./launch.ts";

/** How a client is told to start the server. */
export interface ServerEntry {
  readonly command: string;
  readonly args: readonly string[];
}

/** Whether an entry of a client's list starts this program; another program may bear our name. */
export function isOurs(entry: JsonValue): boolean {
  const { args, command } = commandLineOf(entry);
  return command !== undefined && startsThisProgram(command, args);
}

/** Why an entry of our name cannot be taken for ours; `undefined` if it can. Completes "a server is there, and …". */
export function refusalOf(entry: JsonValue, wanted: ServerEntry): string | undefined {
  if (!isOurs(entry)) return `it starts ${startedBy(entry)}`;
  const strange = strangeParts(entry, wanted);
  return strange.length === 0 ? undefined : `it has what init does not write: ${someOf(strange)}`;
}

/** What an entry starts, on one line, for people. */
function startedBy(entry: JsonValue): string {
  const { args, command } = commandLineOf(entry);
  if (command !== undefined) return plainLine([command, ...args].join(" "), 200);
  return isJsonObject(entry) && typeof entry.url === "string" ? plainLine(entry.url, 200) : "something else";
}

/**
 * What clients and people say of a server without a change to what is started: switches, times, which tools may be used.
 * A list of what is harmful would be out of date with the next client.
 */
const harmless: ReadonlySet<string> = new Set([
  ...["name", "description", "version", "gallery", "disabled", "enabled", "required", "timeout", "trust"],
  ...["autoApprove", "alwaysAllow", "alwaysLoad", "tools", "includeTools", "excludeTools"],
  ...["enabled_tools", "disabled_tools", "default_tools_approval_mode", "supports_parallel_tool_calls"],
  ...["startup_timeout_sec", "startup_timeout_ms", "tool_timeout_sec"],
]);

/**
 * What an entry that starts this program has besides, for people: an environment, a folder, flags. It may have come with
 * a clone, and then what it says decides what code runs.
 */
function strangeParts(entry: JsonValue, wanted: ServerEntry): string[] {
  if (!isJsonObject(entry)) return [];
  const { args, command } = commandLineOf(entry);
  const members = Object.entries(entry).filter(([key, value]) => !isExpected(key, value, wanted));
  return [...shownMembers(members), ...strangeWords(command ?? "", args).map((word) => plainLine(word, 200))];
}

function isExpected(key: string, value: JsonValue, wanted: ServerEntry): boolean {
  if (key === "command") return typeof value === "string" || isWords(value);
  if (key === "args") return isWords(value);
  if (key === "type") return value === "stdio" || value === "local";
  // Zed tells so servers from those of its extensions.
  if (key === "source") return value === "custom";
  // Some clients write an empty one.
  if (key === "env") return isJsonObject(value) && Object.keys(value).every((name) => isOwnVariable(name, wanted));
  return harmless.has(key);
}

function isWords(value: JsonValue): value is string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

/** One that says of this project what a flag may say as well. Which project that is, only the flag that we write says. */
function isOwnVariable(name: string, { args }: ServerEntry): boolean {
  return name === "KAIZEN_RETENTION_DAYS" || (name === "KAIZEN_PROJECT_ROOT" && args.includes("--root"));
}

/** Members of an entry or a hook, each on one line. TOML has numbers that JSON has not. */
export function shownMembers(members: readonly (readonly [string, JsonValue])[]): string[] {
  const text = (value: JsonValue) =>
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner));
  return members.map(([key, value]) => plainLine(`${key}: ${text(value)}`, 200));
}

/** A few of what was found strange, in one clause. */
export function someOf(strange: readonly string[]): string {
  const rest = strange.length - 5;
  return strange.slice(0, 5).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

/** The entry that is wanted, with the flags of ours that a person has added to the one that is there. */
export function withOwnFlags(wanted: ServerEntry, present: JsonValue): ServerEntry {
  const { args, command } = commandLineOf(present);
  const flags = args
    .slice(wordsUpToProgram(command ?? "", args))
    .filter((word, index) => index > 0 || word !== "serve");
  const replaced = ["--root", ...wanted.args.filter((word) => word.startsWith("--"))];
  const own: string[] = [];
  for (let at = 0; at < flags.length; ) {
    const word = flags[at] ?? "";
    const length = word.includes("=") ? 1 : 2;
    if (!replaced.includes(word.replace(/=.*$/s, ""))) own.push(...flags.slice(at, at + length));
    at += length;
  }
  return { ...wanted, args: [...wanted.args, ...own] };
}

/** The words of an entry that is ours, and only that. */
export function wordsOf(entry: JsonValue | undefined, wanted: ServerEntry): readonly string[] {
  return entry === undefined || refusalOf(entry, wanted) !== undefined ? [] : commandLineOf(entry).args;
}

/** Some clients have the arguments beside the command, and some behind it in one list. */
function commandLineOf(entry: JsonValue): { command: string | undefined; args: string[] } {
  if (!isJsonObject(entry)) return { command: undefined, args: [] };
  const { args, command } = entry;
  if (command !== undefined && isWords(command) && args === undefined) {
    const [first, ...rest] = command;
    return { command: first, args: rest };
  }
  return {
    command: typeof command === "string" ? command : undefined,
    args: Array.isArray(args) ? args.filter((word) => typeof word === "string") : [],
  };
}
