import { isDeepStrictEqual } from "node:util";
import { parse, TomlError, type TomlTable } from "smol-toml";
import { isJsonObject, type JsonValue, sameJson } from "../../../domain/text/json.ts";
import { type Edit, type Edited, EditRefused, type EditRequest } from "../entry/edit.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { isOurs, refusalOf, type ServerEntry, withOwnFlags, wordsOf } from "../entry/server-entry.ts";
import { eolOf } from "../jsonc/json-layout.ts";
import { withoutOverflow } from "../jsonc/json-tree.ts";

/**
 * The server in Codex's TOML. The text is edited by lines, and every edit is checked: parsed before and after, it may
 * differ in our table only. If that cannot be had, nothing is done.
 *
 * Stands in for @decimalturn/toml-patch, which adds 182 kB and 13 ms at import.
 */
export function tomlServer(wanted: ServerEntry): Edit {
  return {
    what: `server "${SERVER_NAME}"`,
    paste: table(wanted, "\n"),
    words: (text) => withoutOverflow(() => wordsOf(entryOf(parseToml(text ?? "")), wanted)),
    apply: (text, request) =>
      withoutOverflow(() => (request.mode === "add" ? add(text, wanted, request) : remove(text, request))),
  };
}

const HEADER = `[mcp_servers.${SERVER_NAME}]`;

function add(text: string | undefined, wanted: ServerEntry, { force }: EditRequest): Edited {
  const present = entryOf(parseToml(text ?? ""));
  if (present === undefined) return { text: checked(text, append(text, wanted), wanted), did: "added" };
  const reason = refusalOf(present, wanted);
  if (reason === undefined) {
    const entry = withOwnFlags(wanted, present);
    if (starts(present, entry)) return { text, did: "nothing" };
    return { text: checked(text, replaced(text ?? "", entry), entry), did: "updated" };
  }
  if (force) return { text: checked(text, replacedWhole(text ?? "", wanted), wanted, "whole"), did: "updated" };
  throw new EditRefused(`a server "${SERVER_NAME}" is there already, and ${reason}`, { yieldsToForce: true });
}

function remove(text: string | undefined, { force }: EditRequest): Edited {
  const present = entryOf(parseToml(text ?? ""));
  if (text === undefined || present === undefined) return { text, did: "nothing" };
  if (!isOurs(present) && !force) return { text, did: "left" };
  return { text: checked(text, without(text), undefined), did: "removed" };
}

function append(text: string | undefined, wanted: ServerEntry): string {
  if (text === undefined) return `${table(wanted, "\n")}\n`;
  if (text === "") return table(wanted, "\n");
  const eol = eolOf(text);
  // A file whose last line is not ended keeps that habit.
  const isEnded = text.endsWith("\n");
  return `${text}${isEnded ? "" : eol}${eol}${table(wanted, eol)}${isEnded ? eol : ""}`;
}

/** Where our table stands in the text, and the tables in it. */
function ownTables(text: string): { start: number; end: number }[] {
  const own = new RegExp(`^mcp_servers\\s*\\.\\s*["']?${SERVER_NAME}["']?\\s*(?:\\.|$)`);
  const headers = [...text.matchAll(/^[ \t]*\[\[?([^\]\r\n]*)\]/gm)];
  return headers.flatMap((match, index) => {
    if (!own.test((match[1] ?? "").trim())) return [];
    const next = headers[index + 1]?.index ?? text.length;
    return [{ start: match.index, end: match.index + ownLength(text.slice(match.index, next)) }];
  });
}

/** Blank lines and comments before the next table belong to that one. */
function ownLength(lines: string): number {
  let end = lines.length;
  for (let line = lines.lastIndexOf("\n"); line !== -1; line = lines.lastIndexOf("\n", line - 1)) {
    if (!/^[ \t]*(?:#.*)?\r?$/.test(lines.slice(line + 1, end))) break;
    end = line;
  }
  return end > 0 && lines[end - 1] === "\r" ? end - 1 : end;
}

/** A list of strings or a string, of a length that `init` may have written, with comments between. */
const STRING = `"(?:\\\\.|[^"\\\\\\r\\n]){0,9999}"|'[^'\\r\\n]{0,9999}'`;
const VALUE = `(?:\\[(?:[^\\]"'#]|${STRING}|#[^\\r\\n]*(?=[\\r\\n])){0,9999}\\]|${STRING})`;

function replaced(text: string, entry: ServerEntry): string {
  const [own] = ownTables(text);
  if (own === undefined) throw notSafely();
  const body = text.slice(own.start, own.end);
  const edited = Object.entries({ command: entry.command, args: entry.args }).reduce((lines, [key, value]) => {
    const statement = new RegExp(`^([ \\t]*${key}[ \\t]*=[ \\t]*)${VALUE}`, "m");
    if (!statement.test(lines)) return `${lines}${eolOf(text)}${key} = ${tomlValue(value)}`;
    return lines.replace(statement, (_, start: string) => start + tomlValue(value));
  }, body);
  return text.slice(0, own.start) + edited + text.slice(own.end);
}

/** With nothing left of what our table had, nor of the tables in it. */
function replacedWhole(text: string, entry: ServerEntry): string {
  const [own, ...others] = ownTables(text);
  if (own === undefined) throw notSafely();
  const left = cutOut(text, others);
  return left.slice(0, own.start) + table(entry, eolOf(text)) + left.slice(own.end);
}

function without(text: string): string | undefined {
  const left = cutOut(text, ownTables(text));
  return left === "" && text.endsWith("\n") ? undefined : left;
}

function cutOut(text: string, tables: readonly { start: number; end: number }[]): string {
  return tables.reduceRight((rest, { start, end }) => {
    const head = rest.slice(0, start);
    // The blank line before it came with it, and where the file is not ended, so did the line break before that.
    if (end === rest.length) return head.replace(/(?:\r?\n){1,2}$/, "");
    return head.replace(/(?<=\n)\r?\n$/, "") + rest.slice(end).replace(/^\r?\n/, "");
  }, text);
}

/** The text after an edit, if nothing but our table differs. */
function checked(
  before: string | undefined,
  after: string | undefined,
  entry?: ServerEntry,
  how?: "whole",
): string | undefined {
  const was = parseToml(before ?? "");
  const is = parseAgain(after ?? "");
  const present = entryOf(is);
  const isWanted =
    entry === undefined
      ? present === undefined
      : how === "whole"
        ? sameJson(present, { command: entry.command, args: [...entry.args] })
        : starts(present, entry);
  if (isWanted && isDeepStrictEqual(others(was), others(is))) return after;
  throw notSafely();
}

function starts(present: JsonValue | undefined, { args, command }: ServerEntry): boolean {
  return isJsonObject(present) && present.command === command && isDeepStrictEqual(present.args, args);
}

/** The parser's time grows with the square of a dotted key's parts, of which no configuration has so many. */
const endlessKey = /(?:\.[ \t]*["'\w-]{1,40}[ \t]*){200}/;

function parseToml(text: string): TomlTable {
  if (endlessKey.test(text)) throw new EditRefused("it has a key of more than 200 parts");
  try {
    return parse(text, { integersAsBigInt: true });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = cause.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    throw new EditRefused(`not valid TOML at line ${cause.line}, column ${cause.column} (${what})`);
  }
}

/** The file was in order before: where it is not any more, the edit was the mistake. */
function parseAgain(text: string): TomlTable {
  try {
    return parseToml(text);
  } catch (error) {
    throw error instanceof EditRefused ? notSafely() : error;
  }
}

function notSafely(): EditRefused {
  // Our table cannot be pasted into it either: TOML allows no addition to a table in braces.
  return new EditRefused("its list of servers is written in a form that cannot be edited without a risk for the rest", {
    advice:
      "Write each server as a table of its own, [mcp_servers.NAME] with command and args on lines below it, and run init again.",
  });
}

function entryOf(document: TomlTable): JsonValue | undefined {
  const servers: unknown = document.mcp_servers;
  return isJsonObject(servers) ? servers[SERVER_NAME] : undefined;
}

/** Everything but our entry; a list that had nothing else counts as none. */
function others(document: TomlTable): unknown {
  const servers: unknown = document.mcp_servers;
  const rest = Object.fromEntries(Object.entries(document).filter(([key]) => key !== "mcp_servers"));
  if (!isJsonObject(servers)) return servers === undefined ? rest : { ...rest, mcp_servers: servers };
  const left = Object.entries(servers).filter(([name]) => name !== SERVER_NAME);
  return left.length === 0 ? rest : { ...rest, mcp_servers: Object.fromEntries(left) };
}

function table({ args, command }: ServerEntry, eol: string): string {
  return [HEADER, `command = ${tomlValue(command)}`, `args = ${tomlValue(args)}`].join(eol);
}

/** Basic strings of TOML are those of JSON, but for one control character. */
function tomlValue(value: string | readonly string[]): string {
  if (typeof value !== "string") return `[${value.map(tomlValue).join(", ")}]`;
  return JSON.stringify(value).replaceAll("\u007f", "\\u007F");
}
