import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainLine, recordedText } from "../../src/domain/plain-text.ts";
import { forbiddenCharacters, hostileText, hugeTexts } from "../support/hostile-text.ts";

describe("a plain line", () => {
  test.each([
    ["two\nlines\tand  spaces", "two lines and spaces"],
    ["  padded  ", "padded"],
    ["\u001b[31mred\u001b[0m", "[31mred [0m"],
    ["a\u202eb\u200bc\u{e0041}d", "abcd"],
    ["\ud800x", "x"],
    ["naïve 漢字 😀 — “quoted”", "naïve 漢字 😀 — “quoted”"],
    ["e\u0301\u0301\u0301\u0301", "e\u0301\u0301"],
    ["", ""],
  ])("of %j is %j", (text, line) => {
    expect(plainLine(text, 100)).toBe(line);
  });

  test("is cut at the limit by characters, with a mark", () => {
    expect(plainLine("😀😀😀😀", 3)).toBe("😀😀…");
    expect(plainLine("😀😀😀", 3)).toBe("😀😀😀");
  });

  test("is visible, one line and bounded, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 300 }), (text, limit) => {
        const line = plainLine(text, limit);
        expect(line).not.toMatch(forbiddenCharacters);
        expect([...line].length).toBeLessThanOrEqual(limit);
        expect(line.trim()).toBe(line);
      }),
    );
  });

  test("of a plain line is itself", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const line = plainLine(text, 300);
        expect(plainLine(line, 300)).toBe(line);
      }),
    );
  });
});

describe("recorded text", () => {
  test.each([
    ["plain words", "`plain words`"],
    ["list index [0] of <T>", "`list index (0) of ‹T›`"],
    ["run `rm`", "`run 'rm'`"],
    ["![p](https://evil.example/p.png)", "`!(p)((link)`"],
    ["see ht\u200btps://evil.example/a?b", "`see (link)`"],
    ["www.evil.example and javascript:alert(1)", "`(link) and (link)`"],
    ["ratio 3:4 at 10:00, key: value", "`ratio 3:4 at 10:00, key: value`"],
    ["C:\\temp\\x", "`C:\\temp\\x`"],
    ["\u200b", "(empty)"],
  ])("of %j is %s", (text, shown) => {
    expect(recordedText(text, 100)).toBe(shown);
  });

  test("is one bounded code span without anything that markdown or HTML knows, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 300 }), (text, limit) => {
        const shown = recordedText(text, limit);
        if (shown === "(empty)") return;
        const inside = /^`([^`]+)`$/.exec(shown)?.[1];
        expect(inside).toBeDefined();
        expect([...(inside ?? "")].length).toBeLessThanOrEqual(limit);
        expect(inside).not.toMatch(forbiddenCharacters);
        expect(inside).not.toMatch(/[<>[\]\n]|:\/\/|www\./iu);
      }),
      { numRuns: 500 },
    );
  });

  test("of 64 KB is bounded and quickly made", () => {
    for (const text of hugeTexts) {
      expect([...recordedText(text, 120)].length).toBeLessThanOrEqual(122);
    }
  });

  test("says that a huge text goes on", () => {
    expect(recordedText("x".repeat(65_536), 10)).toBe("`xxxxxxxxx…`");
    expect(plainLine("x".repeat(65_536), 5000).endsWith("…")).toBe(true);
  });
});
