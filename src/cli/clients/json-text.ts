import { createScanner, getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { JsonValue } from "../../domain/json.ts";
import { EditRefused } from "./edit.ts";
import { type Layout, layoutOf, lineIndent, printJson } from "./json-layout.ts";

/**
 * Edits of JSON with comments that leave every other byte as it is. What `insertAt` has added, `removeNode` takes out
 * again to the byte; for that the white space tells whether an empty container was there before:
 * a container that we made has a line break before its end, one that was `{}` has none.
 */

/** The root of a document. Refuses what is not one JSON value, with the place. */
export function parseJson(text: string): Node {
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch (cause) {
    if (cause instanceof RangeError) throw new EditRefused("nested too deeply to be read");
    throw cause;
  }
  const [error] = errors;
  if (error !== undefined) {
    const what = printParseErrorCode(error.error)
      .replaceAll(/\B[A-Z]/g, " $&")
      .toLowerCase();
    throw new EditRefused(`not valid JSON at ${placeOf(text, error.offset)} (${what})`);
  }
  if (root === undefined) throw new EditRefused("not valid JSON");
  return root;
}

/** The value of a member; `undefined` where the object has none. Refuses a key that stands there twice. */
export function memberOf(text: string, object: Node, key: string): Node | undefined {
  const found = (object.children ?? []).filter((property) => property.children?.[0]?.value === key);
  const [first, second] = found;
  if (second !== undefined) {
    throw new EditRefused(
      `the key ${JSON.stringify(key)} stands there twice, again at ${placeOf(text, second.offset)}`,
    );
  }
  return first?.children?.[1];
}

/** The container at a path; `undefined` where any part of the way is missing. Refuses what is no container of that kind. */
export function containerAt(
  text: string,
  root: Node,
  path: readonly string[],
  type: "object" | "array",
): Node | undefined {
  let node: Node | undefined = expectType(text, root, path.length === 0 ? type : "object", "all of it");
  for (const [index, key] of path.entries()) {
    node = memberOf(text, node, key);
    if (node === undefined) return undefined;
    expectType(text, node, index === path.length - 1 ? type : "object", `"${path.slice(0, index + 1).join(".")}"`);
  }
  return node;
}

function expectType(text: string, node: Node, type: "object" | "array", name: string): Node {
  if (node.type === type) return node;
  throw new EditRefused(`${name} is of type ${node.type} at ${placeOf(text, node.offset)}, not ${type}`);
}

export function jsonOf(node: Node): JsonValue {
  return getNodeValue(node);
}

/** What is put into a container: a member with its key, or an item. */
export interface Addition {
  readonly key?: string;
  readonly value: JsonValue;
}

/** Adds to the end of the container at a path, and makes what is missing of the way. */
export function insertAt(text: string | undefined, path: readonly string[], addition: Addition): string {
  if (text === undefined || text.trim() === "") {
    const document = printJson(nested(path, addition), "", layoutOf(text ?? "", undefined));
    return text === undefined ? `${document}\n` : document + text;
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
    return splice(text, inside, inside, `${wasBare ? separator : ""}${addition}`);
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
 * `undefined` where nothing is left of the document.
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
  const wasThere = before === "" ? after !== "" : after === "" && before.trim() === "" && /[\r\n]/.test(before);
  if (wasThere) return splice(text, inside, closing, after);
  if (before.trim() !== "" || after.trim() !== "") {
    return cutOut(text, endOfTextBefore(text, start), comma === undefined ? end : comma + 1);
  }
  return removeNode(text, container);
}

/** Comments around the document stay, and so keep it; a file that was empty before we came has no line break at its end. */
function withoutRoot(text: string, root: Node): string | undefined {
  const end = root.offset + root.length;
  if (text.trim() !== sourceOf(text, root)) return splice(text, root.offset, end, root.type === "array" ? "[]" : "{}");
  return end === text.length ? "" : undefined;
}

/** `line 3, column 5`, as editors count. */
export function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

function sourceOf(text: string, { offset, length }: Node): string {
  return text.slice(offset, offset + length);
}

function startsLine(text: string, { offset }: Node): boolean {
  return /(?:^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, offset - 200), offset));
}

/** Where the comma stands that follows an offset with nothing but white space and comments between. */
function commaAfter(text: string, offset: number): number | undefined {
  const trivia = /(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = offset;
  trivia.exec(text);
  return text[trivia.lastIndex] === "," ? trivia.lastIndex : undefined;
}

/** Where the comments end that follow an offset on its line; the offset itself where there are none. */
function endOfLineComments(text: string, offset: number): number {
  const comments = /(?:[ \t]*\/\*[^\r\n]*?\*\/)*(?:[ \t]*\/\/[^\r\n]*)?/y;
  comments.lastIndex = offset;
  comments.exec(text);
  return Math.max(offset, comments.lastIndex);
}

function endOfTextBefore(text: string, offset: number): number {
  return text.slice(0, offset).trimEnd().length;
}

/** What follows on the line must not come to stand behind a comment that goes on to its end: then a line break stays. */
function cutOut(text: string, start: number, end: number): string {
  const isAtLineEnd = /^[ \t]*(?:[\r\n]|$)/.test(text.slice(end, end + 200));
  const lineBreak =
    isAtLineEnd || !endsInLineComment(text, start) ? "" : (/\r\n|\r|\n/.exec(text.slice(start))?.[0] ?? "");
  return splice(text, start, end, lineBreak);
}

/** Of jsonc-parser's `SyntaxKind`, which is a constant enum and so not there when the program runs. */
const LINE_COMMENT = 12;
const END_OF_TEXT = 17;

function endsInLineComment(text: string, offset: number): boolean {
  const scanner = createScanner(text.slice(0, offset), false);
  let last: number = scanner.scan();
  for (let next: number = last; next !== END_OF_TEXT; next = scanner.scan()) last = next;
  return last === LINE_COMMENT;
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
