import { isDeepStrictEqual } from "node:util";
import { parse, TomlError, type TomlTable } from "smol-toml";
import { isJsonObject, type JsonValue } from "../../domain/json.ts";
import { type Edit, type Edited, EditRefused, type EditRequest } from "./edit.ts";
import { eolOf } from "./json-layout.ts";
import { SERVER_NAME } from "./launch.ts";
import { isOurs, type ServerEntry, startedBy, withOwnFlags, wordsOf } from "./server-entry.ts";

/**
 * The server in Codex's TOML. The text is edited by lines, and every edit is checked: parsed before and after, it may
 * differ in our table only. Where that cannot be had, nothing is done.
 */
export function tomlServer(wanted: ServerEntry): Edit {
  return {
    what: `server "${SERVER_NAME}"`,
    paste: table(wanted, "\n"),
    words: (text) => wordsOf(entryOf(parseToml(text ?? ""))),
    apply: (text, request) => (request.mode === "add" ? add(text, wanted, request) : remove(text, request)),
  };
}

const HEADER = `[mcp_servers.${SERVER_NAME}]`;

function add(text: string | undefined, wanted: ServerEntry, { force }: EditRequest): Edited {
  const present = entryOf(parseToml(text ?? ""));
  if (present === undefined) return { text: checked(text, append(text, wanted), wanted), did: "added" };
  if (!isOurs(present) && !force) {
    throw new EditRefused(`a server "${SERVER_NAME}" is there already, and it starts ${startedBy(present)}`, {
      yieldsToForce: true,
    });
  }
  const entry = isOurs(present) ? withOwnFlags(wanted, present) : wanted;
  if (starts(present, entry)) return { text, did: "nothing" };
  return { text: checked(text, replaced(text ?? "", entry), entry), did: "updated" };
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
  const headers = [...text.matchAll(/^[ \t]*\[\[?[ \t]*([^\]\r\n]*?)[ \t]*\]/gm)];
  return headers.flatMap((match, index) => {
    if (!own.test(match[1] ?? "")) return [];
    const next = headers[index + 1]?.index ?? text.length;
    // Blank lines and comments before the next table belong to that one.
    const body = text.slice(match.index, next).replace(/(?:\r?\n[ \t]*(?:#[^\r\n]*)?)*$/, "");
    return [{ start: match.index, end: match.index + body.length }];
  });
}

function replaced(text: string, entry: ServerEntry): string {
  const [own] = ownTables(text);
  if (own === undefined) throw notSafely();
  const body = text.slice(own.start, own.end);
  const edited = Object.entries({ command: entry.command, args: entry.args }).reduce((lines, [key, value]) => {
    const statement = new RegExp(`^([ \\t]*${key}[ \\t]*=[ \\t]*)(?:\\[[^\\]]*\\]|"[^"\\r\\n]*"|'[^'\\r\\n]*')`, "m");
    if (!statement.test(lines)) return `${lines}${eolOf(text)}${key} = ${tomlValue(value)}`;
    return lines.replace(statement, (_, start: string) => start + tomlValue(value));
  }, body);
  return text.slice(0, own.start) + edited + text.slice(own.end);
}

function without(text: string): string | undefined {
  const left = ownTables(text).reduceRight((rest, { start, end }) => {
    const head = rest.slice(0, start);
    // The blank line before it came with it, and where the file is not ended, so did the line break before that.
    if (end === rest.length) return head.replace(/(?:\r?\n){1,2}$/, "");
    return head.replace(/(?<=\n)\r?\n$/, "") + rest.slice(end).replace(/^\r?\n/, "");
  }, text);
  return left === "" && text.endsWith("\n") ? undefined : left;
}

/** The text after an edit, if nothing but our table differs. */
function checked(before: string | undefined, after: string | undefined, entry?: ServerEntry): string | undefined {
  const was = parseToml(before ?? "");
  const is = parseAgain(after ?? "");
  const present = entryOf(is);
  const isWanted = entry === undefined ? present === undefined : starts(present, entry);
  if (isWanted && isDeepStrictEqual(others(was), others(is))) return after;
  throw notSafely();
}

function starts(present: JsonValue | undefined, { args, command }: ServerEntry): boolean {
  return isJsonObject(present) && present.command === command && isDeepStrictEqual(present.args, args);
}

function parseToml(text: string): TomlTable {
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
  // Our table cannot be pasted into it either: TOML lets nobody add to what stands in braces.
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
