import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { JsonValue } from "../../../domain/text/json.ts";
import { EditRefused } from "../entry/edit.ts";

// Reading JSON with comments: where its values stand, and refusing with the place what is not as it has to be.

/** The root of a document. Refuses what is not one JSON value, with the place. */
export function parseJson(text: string): Node {
  const errors: ParseError[] = [];
  const root = withoutOverflow(() => parseTree(text, errors, { allowTrailingComma: true }));
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

/** The value of a member; `undefined` if the object has none. Refuses a key that stands there twice. */
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

/** The container at a path; `undefined` if any part of the way is missing. Refuses what is no container of that kind. */
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

export function expectType(text: string, node: Node, type: "object" | "array", name: string): Node {
  if (node.type === type) return node;
  throw new EditRefused(`${name} is of type ${node.type} at ${placeOf(text, node.offset)}, not ${type}`);
}

/** The value, with every key as a member of its own, also `__proto__`. */
export function jsonOf(node: Node): JsonValue {
  return withoutOverflow(() => plainValue(node));
}

/** Refuses what is nested more deeply than calls can be. */
export function withoutOverflow<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RangeError) throw new EditRefused("nested too deeply to be read");
    throw cause;
  }
}

function plainValue({ children = [], type, value }: Node): JsonValue {
  if (type === "array") return children.map(plainValue);
  if (type !== "object") return value;
  return Object.fromEntries(
    children.flatMap(({ children: [key, member] = [] }) =>
      key === undefined || member === undefined ? [] : [[String(key.value), plainValue(member)]],
    ),
  );
}

/** `line 3, column 5`, as editors count. */
export function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
