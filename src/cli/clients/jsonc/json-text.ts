import type { Node } from "jsonc-parser";
import type { JsonValue } from "../../../domain/text/json.ts";
import { type Layout, layoutOf, lineIndent, printJson } from "./json-layout.ts";
import { expectType, memberOf, parseJson } from "./json-tree.ts";
import { commaAfter, cutOut, endOfLineComments, endOfTextBefore, splice } from "./json-trivia.ts";

/**
 * Edits of JSON with comments that leave every other byte as it is. What `insertAt` has added, `removeNode` takes out
 * again to the byte; for that the white space tells whether an empty container was there before: one that was `{}` has a
 * space in front of the line break before its end, one that we made has none.
 *
 * Stands in for `modify` of jsonc-parser, which reformats neighbours of the edit and moves comments.
 */

/** In front of the last line break in a container that was empty, without white space. */
const WAS_EMPTY = " ";
const wasEmpty = /^ (?:\r\n|\r|\n)[ \t]*$/;

/** What is put into a container: a member with its key, or an item. */
export interface Addition {
  readonly key?: string;
  readonly value: JsonValue;
}

/** Adds to the end of the container at a path, and makes what is missing of the way. */
export function insertAt(text: string | undefined, path: readonly string[], addition: Addition): string {
  if (text === undefined || text.trim() === "") {
    const document = printJson(nested(path, addition), "", layoutOf(text ?? "", undefined));
    // Behind the white space of a file that had nothing else, where no new file has any.
    return text === undefined ? `${document}\n` : text + document;
  }
  const root = parseJson(text);
  let node = expectType(text, root, path.length === 0 && addition.key === undefined ? "array" : "object", "all of it");
  for (const [index, key] of path.entries()) {
    const below = memberOf(text, node, key);
    const rest = path.slice(index + 1);
    if (below === undefined) {
      return insertInto(text, node, { key, value: nested(rest, addition) }, layoutOf(text, root));
    }
    const type = rest.length === 0 && addition.key === undefined ? "array" : "object";
    node = expectType(text, below, type, `"${path.slice(0, index + 1).join(".")}"`);
  }
  return insertInto(text, node, addition, layoutOf(text, root));
}

function nested(path: readonly string[], { key, value }: Addition): JsonValue {
  const innermost: JsonValue = key === undefined ? [value] : { [key]: value };
  return path.reduceRight<JsonValue>((inner, name) => ({ [name]: inner }), innermost);
}

function insertInto(text: string, container: Node, { key, value }: Addition, layout: Layout): string {
  const children = container.children ?? [];
  const last = children.at(-1);
  const isOneLine = last !== undefined && !/[\r\n]/.test(sourceOf(text, container));
  const indent = isOneLine
    ? undefined
    : last !== undefined && startsLine(text, last)
      ? lineIndent(text, last.offset)
      : lineIndent(text, container.offset) + layout.unit;
  const spaced = /[:,[{]\s/.test(sourceOf(text, container));
  const printed = indent === undefined ? printJson(value, spaced) : printJson(value, indent, layout);
  const addition = key === undefined ? printed : `${JSON.stringify(key)}:${isOneLine && !spaced ? "" : " "}${printed}`;
  const separator = indent === undefined ? (spaced ? " " : "") : layout.eol + indent;
  if (last === undefined) {
    const inside = container.offset + 1;
    const wasBare = text[inside] === "}" || text[inside] === "]";
    if (!wasBare) return splice(text, inside, inside, addition);
    const end = `${WAS_EMPTY}${layout.eol}${lineIndent(text, container.offset)}`;
    return splice(text, inside, inside, `${separator}${addition}${end}`);
  }
  const end = last.offset + last.length;
  const comma = commaAfter(text, end);
  const at = endOfLineComments(text, comma === undefined ? end : comma + 1);
  if (comma !== undefined) return splice(text, at, at, `${separator}${addition},`);
  // A comment behind the last member stays behind it.
  return splice(splice(text, at, at, separator + addition), end, end, ",");
}

/** Puts another value in the place of one. */
export function replaceNode(text: string, node: Node, value: JsonValue): string {
  const isOneLine = !/[\r\n]/.test(sourceOf(text, node.parent?.parent ?? node.parent ?? node));
  const printed = isOneLine
    ? printJson(value, /[:,]\s/.test(sourceOf(text, node.parent ?? node)))
    : printJson(value, lineIndent(text, node.offset), layoutOf(text, parseJson(text)));
  return splice(text, node.offset, node.offset + node.length, printed);
}

/**
 * Takes a member (its value) or an item out, and every container around it that we made and that is empty then.
 * `undefined` if nothing is left of the document.
 */
export function removeNode(text: string, value: Node): string | undefined {
  const member = value.parent?.type === "property" ? value.parent : value;
  const container = member.parent;
  if (container === undefined) return withoutRoot(text, value);
  const siblings = container.children ?? [];
  const end = member.offset + member.length;
  const comma = commaAfter(text, end);
  const before = endOfTextBefore(text, member.offset);
  if (siblings.length === 1) return removeOnly(text, container, { start: member.offset, end, comma });
  if (comma !== undefined) return cutOut(text, before, comma + 1);
  const previous = siblings[siblings.indexOf(member) - 1];
  const previousComma = previous === undefined ? undefined : commaAfter(text, previous.offset + previous.length);
  const without = cutOut(text, before, end);
  return previousComma === undefined ? without : splice(without, previousComma, previousComma + 1, "");
}

function removeOnly(
  text: string,
  container: Node,
  { start, end, comma }: { start: number; end: number; comma: number | undefined },
): string | undefined {
  const inside = container.offset + 1;
  const closing = container.offset + container.length - 1;
  const before = text.slice(inside, start);
  const after = text.slice(comma === undefined ? end : comma + 1, closing);
  if (before.trim() === "" && isOfEmpty(before, after)) return splice(text, inside, closing, "");
  if (before === "" && after !== "") return splice(text, inside, closing, after);
  if (before.trim() !== "" || after.trim() !== "") {
    return cutOut(text, endOfTextBefore(text, start), comma === undefined ? end : comma + 1);
  }
  return removeNode(text, container);
}

/** By the white space around what we put into it. Versions before this one left no line break at the end. */
function isOfEmpty(before: string, after: string): boolean {
  return /[\r\n]/.test(before) && (after === "" || wasEmpty.test(after));
}

/** Comments around the document stay, and so keep it; a file that was blank before we came has no line break at its end. */
function withoutRoot(text: string, root: Node): string | undefined {
  const end = root.offset + root.length;
  if (text.trim() !== sourceOf(text, root)) return splice(text, root.offset, end, root.type === "array" ? "[]" : "{}");
  return end === text.length ? text.slice(0, root.offset) : undefined;
}

function sourceOf(text: string, { offset, length }: Node): string {
  return text.slice(offset, offset + length);
}

function startsLine(text: string, { offset }: Node): boolean {
  return /(?:^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, offset - 200), offset));
}
