import fc from "fast-check";
import { expect, test } from "vitest";
import { outcomeLine, paintOutcomes, sparkline } from "../../../src/cli/terminal/sparkline.ts";
import { plainStyle, type Style, styleFor } from "../../../src/cli/terminal/style.ts";
import { type Column, fields, table } from "../../../src/cli/terminal/table.ts";
import { cutToWidth, displayWidth } from "../../../src/cli/terminal/text-width.ts";
import { forbiddenCharacters, hostileText, hugeTexts } from "../../support/hostile-text.ts";

function terminal(columns: number): Style {
  return styleFor({ isTerminal: true, columns }, { NO_COLOR: "1" });
}

const columns: readonly Column[] = [
  { title: "agent", flexible: true },
  { title: "runs", align: "right" },
  { title: "quality", align: "right", dispensable: 1 },
  { title: "notes", flexible: true },
];

const long = "a note of some length ".repeat(8).trim();
const rows = [
  ["reviewer", "7", "0.85", long],
  ["コードレビュー", "12000", "", "short"],
];

test("columns are aligned, numbers on the right, and a pipe gets every cell whole", () => {
  expect(table(columns, rows, plainStyle)).toBe(
    [
      "agent            runs  quality  notes",
      `reviewer            7     0.85  ${long}`,
      "コードレビュー  12000           short",
      "",
    ].join("\n"),
  );
});

test("a narrow terminal gets the columns that can be spared left out, and then the free text cut", () => {
  expect(table(columns, rows, terminal(44))).toBe(
    [
      "agent            runs  notes",
      "reviewer            7  a note of some lengt…",
      "コードレビュー  12000  short",
      "",
    ].join("\n"),
  );
});

test("no line is wider than the terminal, unless the titles and numbers alone are", () => {
  const cell = fc.oneof(hostileText, fc.string({ unit: "grapheme", maxLength: 60 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), fc.integer({ min: 40, max: 120 }), (cells, width) => {
      const shown = table(
        columns,
        cells.map(([agent, notes]) => [agent, "12", "0.5", notes]),
        terminal(width),
      );
      for (const line of shown.trimEnd().split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

test("what was recorded stays one line and steers no terminal", () => {
  const lines = (text: string, style: Style) => table([{ title: "notes" }], [[text]], style).split("\n");
  fc.assert(
    fc.property(hostileText, (text) => {
      const [title, cell, end, ...more] = lines(text, plainStyle);
      expect([title, end, more]).toEqual(["notes", "", []]);
      expect(cell).not.toMatch(forbiddenCharacters);
    }),
  );
  for (const text of hugeTexts) expect(lines(text, plainStyle)[1]?.length ?? 0).toBeLessThanOrEqual(8_000);
});

test.each([
  ["plain", 5],
  ["日本語", 6],
  ["한국어", 6],
  ["ｱｲｳ", 3],
  ["Ａ", 2],
  ["e\u0301te\u0301", 3],
  ["👍🏽", 2],
  ["🇩🇪", 2],
  ["▁▇", 2],
])("%s takes %i columns", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test("text is cut between characters as a person counts them, with an ellipsis", () => {
  expect(cutToWidth("日本語", 6)).toBe("日本語");
  expect(cutToWidth("日本語", 5)).toBe("日本…");
  expect(cutToWidth("日本語", 4)).toBe("日…");
  expect(cutToWidth("ne\u0301e", 2)).toBe("n…");
});

test("names stand beside what they stand for, and lines with nothing to say are left out", () => {
  expect(
    fields(
      [
        ["Runs", "12"],
        ["Self-scores", undefined],
        ["", "more"],
      ],
      plainStyle,
    ),
  ).toBe("Runs         12\n             more\n");
});

test("a sparkline goes from the lowest bar to the highest, with gaps where there is no value", () => {
  expect(sparkline([0, 0.2, 0.5, 0.99, 1, undefined, 7, Number.NaN], [0, 1])).toBe("▁▂▅██ █ ");
  expect(sparkline([3, 3], [3, 3])).toBe("▅▅");
});

test("outcomes are high and low bars, coloured by stretches", () => {
  const line = outcomeLine([true, true, false, true]);
  expect(line).toBe("▇▇▁▇");
  expect(paintOutcomes(line, styleFor({ isTerminal: true, columns: 80 }, {}))).toBe(
    "\u001b[32m▇▇\u001b[39m\u001b[31m▁\u001b[39m\u001b[32m▇\u001b[39m",
  );
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [true, { FORCE_COLOR: "0" }, false],
  [false, {}, false],
  [false, { FORCE_COLOR: "1" }, true],
  [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
])("terminal: %s, with %j: colour is %s", (isTerminal, environment, isColoured) => {
  expect(styleFor({ isTerminal, columns: 80 }, environment).bold("x") !== "x").toBe(isColoured);
});

test("a terminal that does not know its width is taken for one of 80 columns", () => {
  expect(styleFor({ isTerminal: true, columns: undefined }, {}).width).toBe(80);
  expect(styleFor({ isTerminal: true, columns: 0 }, {}).width).toBe(80);
  expect(plainStyle.width).toBeUndefined();
});

test("on a terminal a field goes on below itself, broken at spaces, and in a pipe it is one line", () => {
  const rows = [
    ["Seen", "green 13, untested 11, stale 4, of 32 runs with evidence"],
    ["", terminal(80).good("a_word_that_is_much_longer_than_the_line_may_be x")],
    ["Nothing", undefined],
  ] as const;
  expect(fields(rows, terminal(40))).toBe(
    [
      "Seen     green 13, untested 11, stale 4,",
      "         of 32 runs with evidence",
      "         a_word_that_is_much_longer_than",
      "         _the_line_may_be x",
      "",
    ].join("\n"),
  );
  expect(fields(rows, plainStyle).split("\n")).toHaveLength(3);
});

test("colours take no room in a field", () => {
  const style = styleFor({ isTerminal: true, columns: 40 }, {});
  const text = style.bad("twenty-four of the signs");
  expect(fields([["Name", text]], style)).toBe(`${style.dim("Name")}  ${text}\n`);
});
