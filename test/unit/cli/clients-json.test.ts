import fc from "fast-check";
import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { insertAt, removeNode } from "../../../src/cli/clients/jsonc/json-text.ts";
import { containerAt, memberOf, parseJson } from "../../../src/cli/clients/jsonc/json-tree.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../src/domain/text/json.ts";

/** Ways in which people and programs write the same document, white space and comments included. */
interface Writing {
  readonly eol: string;
  readonly unit: string;
  /** Containers that stand on one line, by their turn. */
  readonly oneLine: readonly boolean[];
  readonly comments: readonly string[];
  readonly trailingCommas: boolean;
  readonly end: string;
}

const writing: fc.Arbitrary<Writing> = fc.record({
  eol: fc.constantFrom("\n", "\r\n"),
  unit: fc.constantFrom("  ", "    ", "\t"),
  oneLine: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  comments: fc.array(fc.constantFrom("", "", " // a note, with a comma {", " /* [a note] */"), {
    minLength: 1,
    maxLength: 5,
  }),
  trailingCommas: fc.boolean(),
  end: fc.constantFrom("", "\n", "\n\n"),
});

function write(value: JsonValue, how: Writing): string {
  let turn = 0;
  const next = <T>(list: readonly T[]): T | undefined => list[turn++ % list.length];
  const container = (open: string, items: string[], close: string, indent: string, isOneLine: boolean): string => {
    if (items.length === 0) return open + (turn % 3 === 0 ? " " : "") + close;
    if (isOneLine) return `${open} ${items.join(", ")} ${close}`;
    const lines = items.map((item, index) => {
      const isLast = index === items.length - 1;
      return `${indent}${how.unit}${item}${isLast && !how.trailingCommas ? "" : ","}${next(how.comments)}${how.eol}`;
    });
    return `${open}${how.eol}${lines.join("")}${indent}${close}`;
  };
  const print = (inner: JsonValue, indent: string, isOneLine: boolean): string => {
    if (typeof inner !== "object" || inner === null) return JSON.stringify(inner);
    const below = isOneLine || next(how.oneLine) === true;
    const deeper = indent + how.unit;
    if (Array.isArray(inner)) {
      const items = inner.map((item) => print(item, deeper, below));
      return container("[", items, "]", indent, below);
    }
    const items = Object.entries(inner).map(([key, item]) => `${JSON.stringify(key)}: ${print(item, deeper, below)}`);
    return container("{", items, "}", indent, below);
  };
  return print(value, "", false) + how.end;
}

const plain = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null));
const anything: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    plain,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "command", "args", "x y", '"'), tie("value"), { maxKeys: 4 }),
  ),
})).value;

const others = fc.dictionary(fc.constantFrom("one", "two", "three"), anything, { maxKeys: 3 });
const documents: fc.Arbitrary<JsonObject> = fc
  .record({
    rest: others,
    list: fc.option(others, { nil: undefined }),
    hooks: fc.option(fc.array(anything, { maxLength: 2 }), { nil: undefined }),
  })
  .map(({ hooks, list, rest }) => ({
    ...rest,
    ...(list === undefined ? {} : { list }),
    ...(hooks === undefined ? {} : { hooks: { Event: hooks } }),
  }));

const entry = { command: "node", args: ["/a b/main.js", "--root", "."] };

function read(text: string): JsonObject {
  return parse(text, [], { allowTrailingComma: true });
}

function without(text: string, path: string[], key: string): string | undefined {
  const list = containerAt(text, parseJson(text), path, "object");
  const member = list === undefined ? undefined : memberOf(text, list, key);
  if (member === undefined) throw new Error("the entry is not there");
  return removeNode(text, member);
}

describe("a member that is added to any document, however it is written", () => {
  test("stands at the end of its list, and everything else is what it was", () => {
    fc.assert(
      fc.property(documents, writing, (document, how) => {
        const after = insertAt(write(document, how), ["list"], { key: "ours", value: entry });
        expect(read(after)).toEqual({
          ...document,
          list: { ...(isJsonObject(document.list) ? document.list : {}), ours: entry },
        });
      }),
    );
  });

  test("is taken out to the byte", () => {
    fc.assert(
      fc.property(documents, writing, (document, how) => {
        const before = write(document, how);
        expect(without(insertAt(before, ["list"], { key: "ours", value: entry }), ["list"], "ours")).toBe(before);
      }),
    );
  });

  test("leaves no byte changed of what stood there", () => {
    fc.assert(
      fc.property(documents, writing, (document, how) => {
        const before = write(document, how);
        let at = 0;
        for (const character of insertAt(before, ["list"], { key: "ours", value: entry })) {
          if (character === before[at]) at += 1;
        }
        expect(at).toBe(before.length);
      }),
    );
  });
});

test("an item that is added to a list of a list is taken out to the byte", () => {
  fc.assert(
    fc.property(documents, writing, (document, how) => {
      const before = write(document, how);
      const after = insertAt(before, ["hooks", "Event"], { value: { hooks: [entry] } });
      const list = containerAt(after, parseJson(after), ["hooks", "Event"], "array");
      const item = list?.children?.at(-1);
      expect(item === undefined ? undefined : removeNode(after, item)).toBe(before);
    }),
  );
});

test.each([
  ["no file", undefined],
  ["an empty file", ""],
  ["an empty object", "{}"],
  ["an empty object and a line break", "{}\n"],
  ["an object of white space", "{\n}\n"],
  ["an object with nothing but a comment", "{\n  // nothing yet\n}\n"],
  ["an empty list", '{\n  "list": {}\n}\n'],
  ["an empty list on one line", '{"list":{}}'],
  ["no list, on one line without spaces", '{"a":[1,2]}'],
  ["no list, on one line with spaces", '{ "a": [1, 2] }\n'],
  ["a comment before the end", '{\n  "a": 1\n  // the end\n}\n'],
  ["a comment behind the last member", '{\n  "a": 1 // one\n}\n'],
  ["a comma behind the last member", '{\n  "a": 1, // one\n}\n'],
  ["comments around it", '// before\n{ "a": 1 }\n// after\n'],
])("what is added to %s is taken out to the byte", (_, before) => {
  const after = insertAt(before, ["list"], { key: "ours", value: entry });
  expect(read(after).list).toMatchObject({ ours: entry });
  expect(without(after, ["list"], "ours")).toBe(before);
});

test("what a person has added around ours since stays, and the rest goes", () => {
  const after = insertAt(undefined, ["list"], { key: "ours", value: entry });
  const since = after
    .replace('"ours"', '"mine": 1, // mine\n    "ours"')
    .replace(/\]\n {4}\}/, ']\n    },\n    "late": 2');
  expect(read(since)).toEqual({ list: { mine: 1, ours: entry, late: 2 } });
  expect(without(since, ["list"], "ours")).toBe('{\n  "list": {\n    "mine": 1, // mine\n    "late": 2\n  }\n}\n');
});

test("a comment stays with the member that it stands behind", () => {
  const after = insertAt('{\n  "a": 1 // one\n}\n', [], { key: "b", value: 2 });
  expect(after).toBe('{\n  "a": 1, // one\n  "b": 2\n}\n');
});

test("comments around a document keep it when nothing else is left", () => {
  const before = `// mine\n${insertAt(undefined, ["list"], { key: "ours", value: entry })}`;
  expect(without(before, ["list"], "ours")).toBe("// mine\n{}\n");
});

test("a member is indented as its neighbours are, and a short list stands on one line", () => {
  const after = insertAt('{\r\n\t"list": {\r\n\t\t"a": {}\r\n\t}\r\n}', ["list"], { key: "ours", value: entry });
  expect(after).toBe(
    '{\r\n\t"list": {\r\n\t\t"a": {},\r\n\t\t"ours": {\r\n\t\t\t"command": "node",\r\n\t\t\t"args": ["/a b/main.js", "--root", "."]\r\n\t\t}\r\n\t}\r\n}',
  );
});

test("what is put into an empty container has lines of its own, and comes out again whatever came in beside it", () => {
  const value = { command: "node" };
  const one = insertAt("{}\n", ["list"], { key: "ours", value });
  // The space in front of the last line break says that the container was there.
  expect(one).toBe('{\n  "list": {\n    "ours": {\n      "command": "node"\n    }\n  } \n}\n');
  const both = insertAt(one, ["hooks"], { key: "ours", value });
  expect(both).toBe(one.replace("  } \n", '  },\n  "hooks": {\n    "ours": {\n      "command": "node"\n    }\n  } \n'));
  for (const [first, second] of [["list", "hooks"] as const, ["hooks", "list"] as const]) {
    expect(without(without(both, [first], "ours") ?? "", [second], "ours")).toBe("{}\n");
  }
  // As an earlier version wrote it.
  expect(without(one.replace(" \n}\n", "}\n"), ["list"], "ours")).toBe("{}\n");
});

test.each([
  ['{\n  "list": {\n    "a": 1,,\n  }\n}', "not valid JSON at line 3, column 12"],
  ['{ "list": ', "not valid JSON at line 1"],
  ["{} {}", "not valid JSON at line 1, column 4"],
  ['{ "list": 1,\n  "list": 2 }', 'the key "list" stands there twice, again at line 2, column 3'],
  ['{ "list": [] }', '"list" is of type array at line 1, column 11, not object'],
  ["[]", "all of it is of type array at line 1, column 1, not object"],
  [`${"[".repeat(100_000)}`, "nested too deeply to be read"],
])("a document that cannot be edited is refused with the place: %#", (text, message) => {
  expect(() => insertAt(text, ["list"], { key: "ours", value: entry })).toThrow(message);
});
