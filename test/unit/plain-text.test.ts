import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainLine, recordedText } from "../../src/domain/text/plain-text.ts";
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
    ["list index [0] of <T>", "`list index (0) of (T)`"],
    ["a -> b => c <- d, 5 <= 6 >= 7", "`a → b ⇒ c ← d, 5 ≤ 6 ≥ 7`"],
    ["p<0.05, x > y, n < -1", "`p lt 0.05, x gt y, n lt -1`"],
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

  test.each([
    ["backticks", "｀ˋ‵\u1fef՝´", "'".repeat(6)],
    ["backticks in a row", "\u2036 \u2037", "' '"],
    ["accents that stand alone", "a \u0300b \u1fcdc", "a b 'c"],
    ["signs of HTML", "＜a＞﹤a﹥‹a›〈a〉\u2329a\u232a⟨a⟩❮a❯˂a˃ᐸaᐳ", "(a)".repeat(9)],
    ["signs of links", "［a］（b）﹝c﹞⁽d⁾﹇e﹈⦗f⦘", "(a)(b)(c)(d)(e)(f)"],
    ["addresses", "see https：／／evil.example", "see (link)"],
  ])("has nothing that looks like %s", (_, text, shown) => {
    expect(recordedText(text, 100)).toBe(`\`${shown}\``);
  });

  test.each([
    "Ångström naïve façade ½ № ™ ﬁ ’tis ‘a’ “b” «c» „d“ — 5 × 3 ≈ 15",
    "Hawaiʻi Ελλάδα Українська हिन्दी ไทย العربية עברית Tiếng Việt ǹ",
    "漢字「引用」『本』《書》【重要】、カタカナ｡ 한국어",
    "😀 👍🏽 ✅ → ⇒ ≤ ≥",
  ])("is as it was where it is ordinary: %s", (text) => {
    expect(recordedText(text, 200)).toBe(`\`${text}\``);
  });

  test("has no sign that Unicode takes for a form of a mark, whichever it is", () => {
    for (let point = 0x80; point <= 0x1ffff; point += 1) {
      if (point === 0xd800) point = 0xe000;
      const character = String.fromCodePoint(point);
      if (!/^[`<>[\]]$/.test(character.normalize("NFKC"))) continue;
      expect(recordedText(`x${character}x`, 100)).toMatch(/^`x['()]x`$/);
    }
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
        expect(inside).not.toMatch(/[｀ˋ‵´＜＞﹤﹥‹›〈〉⟨⟩［］（）]/u);
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
