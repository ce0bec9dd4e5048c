import { isSameName } from "../domain/run/agent-name.ts";
import type { Execution } from "../domain/run/execution.ts";
import { asJson, parseForeignObject, stringEnd } from "./foreign-json.ts";
import type { DecodedLine } from "./run-line.ts";

/**
 * The JSON of each run of a line, as it stands there: a number keeps the digits that it was written with, also those
 * that JavaScript would lose. What is not JSON as others know it (NaN) is given as it was read: as null.
 */
export function recordTexts(bytes: Buffer, { damage, executions }: DecodedLine): string[] {
  if (damage === undefined) return executions.length === 0 ? [] : [bytes.toString("utf8").trim()];
  return damage.readable.map(asJson);
}

const beyondAscii = /[\u007f-\uffff]/g;

/**
 * The JSON of a run on one line, as its writer wrote it, that names this agent: where it names another, that name is
 * replaced, and nothing else. Everything outside printable ASCII is escaped.
 */
export function namedText(agent: string, { execution, text }: { execution: Execution; text: string }): string {
  const { record } = execution;
  const isSame = typeof record.agent === "string" && isSameName(record.agent, agent);
  const named = isSame ? text : record.agent === undefined ? withAgent(agent, text) : renamed(agent, text);
  // A terminal may be reading. Where JSON is valid none of these stands outside a string, or inside one respectively.
  return escaped(named).replaceAll(/[\r\t\n]/g, " ");
}

/** A line that names an agent, with another name in its place, and every other byte as it was. Any other line is the same. */
export function withOtherAgent(line: Buffer, from: string, into: string): Buffer {
  const text = line.toString();
  const object = parseForeignObject(text);
  const isMeant = typeof object?.agent === "string" && isSameName(object.agent, from) && !isSameName(from, into);
  if (!isMeant || !Buffer.from(text).equals(line)) return line;
  return Buffer.from(renamed(into, text));
}

function escaped(text: string): string {
  return text.replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function withAgent(agent: string, text: string): string {
  return `{"agent": ${JSON.stringify(agent)}, ${text.trimStart().slice(1)}`;
}

/** The numbers directly in a record, by their keys, with the digits that they were written with. */
export function digitsIn(text: string): ReadonlyMap<string, string> {
  const digits = new Map<string, string>();
  for (const { key, from, to } of membersIn(text)) {
    const value = text.slice(from, to);
    // The last of a key counts.
    if (/^-?\d/.test(value)) digits.set(key, value);
    else digits.delete(key);
  }
  return digits;
}

/** A key may stand there twice: every value of it is replaced. */
function renamed(agent: string, text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (const { key, from, to } of membersIn(text)) {
    if (key !== "agent") continue;
    parts.push(text.slice(done, from), escaped(JSON.stringify(agent)));
    done = to;
  }
  return parts.join("") + text.slice(done);
}

/** A member of an object in its text: its key, and where its value stands. */
interface Member {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Scans over the text of an object, for it may be nested more deeply than it can be parsed and written again. */
function* membersIn(text: string): Generator<Member> {
  let depth = 0;
  let before = "";
  let valueAt: number | undefined;
  for (let at = 0; at < text.length; ) {
    const sign = text.charAt(at);
    const end = sign === '"' ? stringEnd(text, at) : at + 1;
    if (sign === '"' && valueAt === undefined) before = text.slice(at, end);
    if (depth === 1 && sign === ":") valueAt = end;
    if (depth === 1 && (sign === "," || sign === "}") && valueAt !== undefined) {
      const value = text.slice(valueAt, at);
      const from = at - value.trimStart().length;
      yield { key: JSON.parse(before), from, to: from + value.trim().length };
      valueAt = undefined;
    }
    if (sign === "{" || sign === "[") depth += 1;
    if (sign === "}" || sign === "]") depth -= 1;
    at = end;
  }
}
