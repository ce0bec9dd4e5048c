import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completeRecord } from "../../src/domain/run/report.ts";
import { formatInstant, isDated, parseInstant, readInstant } from "../../src/domain/run/time.ts";
import { readFixture } from "../support/fixtures.ts";

/** Written by `python-times.py`, which says what an entry is. */
interface PythonTimes {
  readonly read: readonly [text: string, seconds: number, microseconds: number, hasOffset: boolean][];
  readonly refused: readonly string[];
}

describe("Python's datetime.fromisoformat", () => {
  const { read, refused } = readFixture<PythonTimes>("python-times.json");
  const millisecondOf = (seconds: number, microseconds: number) => seconds * 1000 + Math.floor(microseconds / 1000);

  test("reads the same instants, with digits beyond milliseconds cut off", () => {
    const wrong = read.filter(([text, seconds, microseconds, hasOffset]) => {
      const instant = parseInstant(text);
      return instant?.at !== millisecondOf(seconds, microseconds) || instant.hasOffset !== hasOffset;
    });
    expect(wrong).toEqual([]);
    expect(read.length).toBeGreaterThan(800);
  });

  test("refuses the same texts", () => {
    expect(refused.filter((text) => parseInstant(text) !== undefined)).toEqual([]);
    expect(refused.length).toBeGreaterThan(1500);
  });

  test("stands in the order of its microseconds", () => {
    const ordered = read
      .toSorted((a, b) => a[1] - b[1] || a[2] - b[2])
      .map(([text]) => readInstant(text) ?? Number.NaN);
    expect(ordered.filter((at, index) => index > 0 && !(at >= (ordered[index - 1] ?? at)))).toEqual([]);
  });

  test("reads what a report without an offset is stored as, as the instant that it meant", () => {
    const context = { retentionDays: null, id: "run_0", now: Date.UTC(9999, 11, 31) };
    const reported = read.filter(
      ([text, seconds, , hasOffset]) => !hasOffset && text === text.trim() && seconds < 2e11,
    );
    const wrong = reported.filter(([text, seconds, microseconds]) => {
      const { timestamp } = completeRecord({ success: true, timestamp: text }, context);
      const stored = parseInstant(String(timestamp));
      return stored?.at !== millisecondOf(seconds, microseconds) || !stored.hasOffset;
    });
    expect(wrong).toEqual([]);
    expect(reported.length).toBeGreaterThan(200);
  });
});

describe("an instant that lies in no year of four digits", () => {
  test.each([
    ["9999-12-31T23:59:59-01:00", "+010000-01-01T00:59:59Z"],
    ["0001-01-01T00:00:00+01:00", "0000-12-31T23:00:00Z"],
    [1_795_341_600_000_000, "+058862-02-09T16:00:00Z"],
    [-1e15, "-029719-04-05T22:13:20Z"],
  ])("is written whole: %s as %s", (timestamp, written) => {
    const at = readInstant(timestamp) ?? Number.NaN;
    expect(formatInstant(at)).toBe(written);
    expect(isDated(at)).toBe(false);
  });

  test.each(["0001-01-01", "9999-12-31T23:59:59.999999Z"])("%s lies in one", (text) => {
    expect(isDated(readInstant(text) ?? Number.NaN)).toBe(true);
  });
});

describe("reading a timestamp", () => {
  test.each([
    ["2026-11-22", Date.UTC(2026, 10, 22), false],
    ["2026-11-22T10:00:00Z", Date.UTC(2026, 10, 22, 10), true],
    ["2026-11-22 10:00", Date.UTC(2026, 10, 22, 10), false],
    ["2026-11-22T10:00:00.123456+02:00", Date.UTC(2026, 10, 22, 8, 0, 0, 123), true],
    ["2026-11-22T10:00:00,5-0530", Date.UTC(2026, 10, 22, 15, 30, 0, 500), true],
    ["2026-11-22T10:00:00+02", Date.UTC(2026, 10, 22, 8), true],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29), true],
    ["1969-12-31T23:59:59.5Z", -500, true],
    ["20261122T100000.5Z", Date.UTC(2026, 10, 22, 10, 0, 0, 500), true],
    ["2026-W47-7", Date.UTC(2026, 10, 22), false],
    ["2026-11-22_10+05:30:15", Date.UTC(2026, 10, 22, 4, 29, 45), true],
    ["2026-11-22T10:00:00 Z", Date.UTC(2026, 10, 22, 10), true],
  ])("takes %j", (text, at, hasOffset) => {
    expect(parseInstant(text)).toEqual({ at, hasOffset });
  });

  test("knows the years before 100, which Date.UTC takes for 1900 and later", () => {
    expect(parseInstant("0050-01-01T00:00:00Z")?.at).toBe(Date.parse("0050-01-01T00:00:00Z"));
  });

  test.each([
    "",
    "yesterday",
    "2026-02-30",
    "2025-02-29T00:00:00Z",
    "2026-13-01",
    "2026-11-22T24:00:00Z",
    "2026-11-22T10:60:00Z",
    "2026-11-22T10:00:60Z",
    "2026-11-22T10:00:00+24:00",
    "22.11.2026",
    "2026-11-22T10:00:00ZZ",
    "2026-W54-7",
    " 2026-11-22T10:00:00Z",
    "2026-11-22T10:00:00Z\n",
    "2026-11-22T10:00:00z",
    "0000-01-01T00:00:00Z",
  ])("refuses %j", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test("takes a number for seconds, and a large one for milliseconds", () => {
    expect(readInstant(1_795_341_600)).toBe(1_795_341_600_000);
    expect(readInstant(1_795_341_600_000)).toBe(1_795_341_600_000);
    expect(readInstant(1_795_341_600.5)).toBe(1_795_341_600_500);
  });

  test.each([null, undefined, true, {}, Number.NaN, 1e300])("reads nothing from %s", (value) => {
    expect(readInstant(value)).toBeUndefined();
  });
});

test("an instant written and read again is the same second", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (second) => {
      const text = formatInstant(second * 1000);
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(parseInstant(text)).toEqual({ at: second * 1000, hasOffset: true });
    }),
  );
});

test("every day of four thousand years is read as the calendar has it, and no other", () => {
  const years = [...Array(4000).keys()].filter((year) => year % 100 < 9 || year % 4 === 0);
  const wrong = years.flatMap((year) =>
    [2, 3, 4, 12].flatMap((month) =>
      [1, 28, 29, 30, 31].flatMap((day) => {
        const text = [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join(
          "-",
        );
        const date = new Date(`${text}T00:00:00Z`);
        const expected = year > 0 && date.getUTCDate() === day ? date.getTime() : undefined;
        return [text, `${text}T00:00:00Z`].filter((spelling) => parseInstant(spelling)?.at !== expected);
      }),
    ),
  );
  expect(wrong).toEqual([]);
});

test.each(["2026-11-22T10:00:0 Z", "20 6-11-22T10:00:00Z", "2026-1a-22T10:00:00Z", "２026-11-22T10:00:00Z"])(
  "what is no digit is no date: %j",
  (text) => {
    expect(parseInstant(text)).toBeUndefined();
  },
);

test("what toISOString writes is read to the millisecond", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }), (date) => {
      expect(parseInstant(date.toISOString())?.at).toBe(date.getTime());
    }),
  );
});

test("any text whatever is answered", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseInstant(text)));
});
