import { isUtf8 } from "node:buffer";
import type { Summary } from "../domain/figures/summary.ts";
import { type Execution, readExecution } from "../domain/run/execution.ts";
import { isJsonObject, type JsonObject, parseJson } from "../domain/text/json.ts";
import { contentIdOf } from "./content-counts.ts";
import { asJson, BARE_WORDS, stringEnd, withDigits } from "./foreign-json.ts";
import { encodeIndentedJson, encodeJson } from "./json-style.ts";

/** One record as a line of the log, with its newline. */
export function encodeLine(record: object): string {
  return `${encodeJson(record)}\n`;
}

/** The figures of the summary that ADR-004 writes as floats. */
const summaryFloats = new Set(["success_rate", "avg_quality_score", "avg_execution_time_s"]);

/** The content of `summary.json`. */
export function encodeSummary(summary: Summary): string {
  return encodeIndentedJson(summary, summaryFloats);
}

/** What a line holds. */
export interface DecodedLine {
  /** Several where writers without a lock have glued their lines together. */
  readonly executions: readonly Execution[];
  /** What is wrong with the line, if anything. */
  readonly damage?: Damage;
}

export interface Damage {
  readonly reason: string;
  /** Whether something in the line could not be read: then it counts as set aside, and repair moves it out. */
  readonly lost: boolean;
  /** The parts that can be read, as they stand in the line: what repair keeps of it. */
  readonly readable: readonly string[];
}

/** Sixty-four times our own largest record. Reading what is larger would keep everything else waiting. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** No program nests as deeply. To read a line of brackets takes a good part of a second, in which nothing can end it. */
const MAX_LEVELS = 200_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** By the brackets outside of texts. A line that is shorter than its brackets would be is not looked at. */
function isNestedTooDeep(bytes: Buffer): boolean {
  if (bytes.length <= MAX_LEVELS) return false;
  let levels = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      index = textEnd(bytes, index);
    } else if (byte === 0x5b || byte === 0x7b) {
      levels += 1;
      if (levels > MAX_LEVELS) return true;
    } else if (byte === 0x5d || byte === 0x7d) levels -= 1;
  }
  return false;
}

/** Where the quote stands that ends a text; the end where it is torn. */
function textEnd(bytes: Buffer, quote: number): number {
  for (let end = bytes.indexOf(QUOTE, quote + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let first = end;
    while (bytes[first - 1] === BACKSLASH) first -= 1;
    // Of an even number of backslashes, each second one is escaped by the one before it.
    if ((end - first) % 2 === 0) return end;
  }
  return bytes.length;
}

/** Reads a line of a file, without its newline. Only lines of runs have `executions`. */
export type LineReader = (line: Buffer) => Partial<DecodedLine>;

const blank: DecodedLine = { executions: [] };
const BYTE_ORDER_MARK = "\ufeff";

/** Reads a line of the log, without its newline. Never fails: what cannot be read is said in `damage`. */
export function decodeLine(bytes: Buffer): DecodedLine {
  if (bytes.length > MAX_LINE_BYTES) return unreadable(`it is longer than ${MAX_LINE_BYTES} bytes`);
  if (isNestedTooDeep(bytes)) return unreadable(`it is nested deeper than ${MAX_LEVELS} levels`);
  const text = bytes.toString();
  if (text.includes("\ufffd") && !isUtf8(bytes)) return unreadable("it is not UTF-8");
  const parsed = parseObject(text);
  const execution = parsed === undefined ? undefined : readWithDigits(parsed, text);
  return execution === undefined ? decodeIrregular(text, parsed) : { executions: [execution] };
}

function decodeIrregular(line: string, parsed: JsonObject | undefined): DecodedLine {
  const text = (line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line).trim();
  if (text === "") return blank;
  if (parsed !== undefined) return unreadable("it does not say whether the run succeeded (`success`: true or false)");
  const lenient = parseLenient(text);
  if (lenient !== undefined) {
    const reason = lenient.isJson ? "it begins with a byte order mark" : BARE_WORDS;
    const { execution } = lenient;
    if (execution === undefined)
      return unreadable("it does not say whether the run succeeded (`success`: true or false)");
    return { executions: [execution], damage: { reason, lost: false, readable: [text] } };
  }
  if (/^(<{7}|={7}|>{7}|\|{7})/.test(text)) return unreadable("it is a marker of a git merge conflict");
  return salvage(text);
}

function unreadable(reason: string): DecodedLine {
  return { executions: [], damage: { reason, lost: true, readable: [] } };
}

/** What says whose run it is, and which, is what it is: a number is no name and no key. */
const identifying = ["agent", "idempotency_key"];

/** The run of a record; `undefined` if it does not say whether that succeeded. */
export function readRun(record: JsonObject): Execution | undefined {
  return readExecution(record, contentIdOf);
}

/** The rules go by the numbers as they are, and the record shows every digit of those that no double holds. */
function readWithDigits(parsed: JsonObject, text: string): Execution | undefined {
  const execution = readRun(parsed);
  const exact = execution === undefined ? text : withDigits(text);
  if (exact === text) return execution;
  const record: JsonObject = JSON.parse(exact);
  for (const key of identifying) if (typeof parsed[key] === "number") record[key] = parsed[key];
  return readExecution(parsed, contentIdOf, record);
}

function parseObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}

function parseLenient(text: string): { execution: Execution | undefined; isJson: boolean } | undefined {
  const json = asJson(text);
  const object = parseObject(json);
  return object === undefined ? undefined : { execution: readWithDigits(object, json), isJson: json === text };
}

/** So many characters are looked at for the ends of objects: a line made of brackets would take a second each. */
const MAX_LOOKED_AT = 4_000_000;

/**
 * Finds whole records in a line that is not one: several glued together by writers without a lock, or the end of a torn
 * one before a whole one. A record is only believed when it has a timestamp beside `success`, as every writer's has: an
 * object inside a torn record could have a `success` of its own.
 */
function salvage(text: string): DecodedLine {
  const executions: Execution[] = [];
  const readable: string[] = [];
  let lost = false;
  let position = 0;
  for (let lookedAt = 0; position < text.length && lookedAt < MAX_LOOKED_AT; ) {
    const start = text.indexOf("{", position);
    if (start < 0) break;
    if (text.slice(position, start).trim() !== "") lost = true;
    const end = objectEnd(text, start);
    lookedAt += (end ?? text.length) - start;
    const part = end === undefined ? undefined : text.slice(start, end);
    const execution = part === undefined ? undefined : parseLenient(part)?.execution;
    if (end === undefined || part === undefined || execution?.record.timestamp === undefined) {
      lost = true;
      position = start + 1;
    } else {
      executions.push(execution);
      readable.push(part);
      position = end;
    }
  }
  if (text.slice(position).trim() !== "") lost = true;
  const reason = lost ? whyNoRecord(text) : "several records stand on one line";
  return { executions, damage: { reason, lost, readable } };
}

function whyNoRecord(text: string): string {
  return parseJson(text) === undefined ? "it is not JSON (torn, or damaged)" : "it is JSON, but not an object";
}

/** The end of the object that begins at `start`, by counting braces outside strings; `undefined` if it has none. */
function objectEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if (character === 0x22) index = stringEnd(text, index) - 1;
    else if (character === 0x7b) depth += 1;
    else if (character === 0x7d && --depth === 0) return index + 1;
  }
  return undefined;
}
