import fc from "fast-check";
import { expect, test } from "vitest";
import { comparableText, isDeeperThan, type JsonValue, parseJson, sameJson } from "../../src/domain/text/json.ts";

const values = fc.jsonValue({ depthSize: "medium" }).map((value) => value as JsonValue);

/** The same value with its keys the other way round. */
function turned(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, turned(item)]),
  );
}

test("values are equal where their comparable texts are, whatever the order of keys", () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(comparableText(turned(a))).toBe(comparableText(a));
      expect(comparableText(a) === comparableText(b)).toBe(sameJson(a, b));
    }),
  );
});

test.each([
  ['{"a,b":"c"}', '{"a":"b,c"}', false],
  ['{"__proto__":1}', "{}", false],
  ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}', true],
  ["-0", "0", true],
  ["1.0", "1", true],
  ["[1,2]", "[2,1]", false],
  ['{"0":1,"1":2}', "[1,2]", false],
  ['"…"', "[]", false],
])("%s and %s", (a, b, isSame) => {
  const [one, other] = [parseJson(a), parseJson(b)];
  expect([sameJson(one, other), comparableText(one) === comparableText(other)]).toEqual([isSame, isSame]);
});

test("what is nested without end is compared as far as it goes", () => {
  const deep = (open: string, close: string, inmost: string) =>
    parseJson(open.repeat(20_000) + inmost + close.repeat(20_000)) ?? null;
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const [one, other] = [deep(open, close, "1"), deep(open, close, "1")];
    expect([sameJson(one, other), comparableText(one) === comparableText(other)]).toEqual([true, true]);
    expect(sameJson(one, [one])).toBe(open === "[");
    expect([isDeeperThan(1_000, one), isDeeperThan(1_000, [[1]]), isDeeperThan(1, [[1]])]).toEqual([true, false, true]);
  }
});
