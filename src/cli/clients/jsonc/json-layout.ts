import type { Node } from "jsonc-parser";
import { isJsonObject, type JsonValue } from "../../../domain/text/json.ts";

/** How a file breaks and indents its lines. */
export interface Layout {
  readonly eol: string;
  /** One step of indentation. */
  readonly unit: string;
}

const DEFAULT_UNIT = "  ";

/** What a document shows of its habits: line breaks by majority, indentation by its first member. */
export function layoutOf(text: string, root: Node | undefined): Layout {
  const first = root?.children?.[0];
  const line = first === undefined ? undefined : /(?:\r\n|\r|\n)([ \t]*)$/.exec(text.slice(0, first.offset));
  return { eol: eolOf(text), unit: line?.[1] || DEFAULT_UNIT };
}

export function eolOf(text: string): string {
  const windows = text.match(/\r\n/g)?.length ?? 0;
  const all = text.match(/\n/g)?.length ?? 0;
  return windows * 2 > all ? "\r\n" : "\n";
}

/** The white space at the start of the line that an offset is in. */
export function lineIndent(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  return /[ \t]*/y.exec(text.slice(start, offset))?.[0] ?? "";
}

/** A value over several lines, its first line without indentation, lists of plain values on one; or all on one line. */
export function printJson(value: JsonValue, indent: string, layout: Layout): string;
export function printJson(value: JsonValue, spaced: boolean): string;
export function printJson(value: JsonValue, how: string | boolean, layout?: Layout): string {
  return typeof how === "string" && layout !== undefined ? inLines(value, how, layout) : onOneLine(value, how === true);
}

function inLines(value: JsonValue, indent: string, layout: Layout): string {
  const inner = indent + layout.unit;
  const wrapped = (open: string, items: readonly string[], close: string) =>
    `${open}${layout.eol}${inner}${items.join(`,${layout.eol}${inner}`)}${layout.eol}${indent}${close}`;
  if (Array.isArray(value) && value.some((item) => typeof item === "object" && item !== null)) {
    return wrapped(
      "[",
      value.map((item) => inLines(item, inner, layout)),
      "]",
    );
  }
  if (!isJsonObject(value) || Object.keys(value).length === 0) return onOneLine(value, true);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${inLines(item, inner, layout)}`);
  return wrapped("{", members, "}");
}

function onOneLine(value: JsonValue, spaced: boolean): string {
  const gap = spaced ? " " : "";
  if (Array.isArray(value)) return `[${value.map((item) => onOneLine(item, spaced)).join(`,${gap}`)}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${gap}${onOneLine(item, spaced)}`);
  return members.length === 0 ? "{}" : `{${gap}${members.join(`,${gap}`)}${gap}}`;
}
