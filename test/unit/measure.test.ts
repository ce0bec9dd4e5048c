import { describe, expect, test } from "vitest";
import { type MeasureKind, measureChange } from "../../src/domain/figures/measure.ts";
import { formatInstant } from "../../src/domain/run/time.ts";

const score: MeasureKind = { moreIsBetter: true, smallestDifference: () => 0.02, format: String };
const seconds: MeasureKind = {
  moreIsBetter: false,
  smallestDifference: (before) => 0.1 * before,
  format: (value) => `${value} s`,
};

const FIRST_AT = Date.UTC(2026, 10, 1);
const runsOf = (values: readonly number[]) =>
  values.map((value, index) => {
    const at = FIRST_AT + index * 3_600_000;
    return { value, at, timestamp: formatInstant(at) };
  });
/** So many values around a middle, none of them twice. */
const around = (middle: number, runs: number, width = 0.01) =>
  Array.from({ length: runs }, (_, run) => middle + (width * ((run * 7) % runs)) / runs - width / 2);

describe("the change of a measure", () => {
  test("is a decline where a score falls, with both medians", () => {
    const runs = runsOf([...Array<number>(46).fill(0.85), ...Array<number>(14).fill(0.8)]);
    expect(measureChange(runs, score)).toEqual({
      pChanged: expect.closeTo(1, 2),
      changes: [{ after: 46, timestamp: "2026-11-02T22:00:00Z" }],
      since: { runs: 14, median: 0.8 },
      before: { runs: 46, median: 0.85 },
      verdict: "declining",
      decliningSince: "2026-11-02T22:00:00Z",
      evidence: "declining since about 2026-11-02T22:00Z: median 0.8 of 14, before that 0.85 of 46 (P > 0.99)",
    });
  });

  test("is an improvement where less time is taken", () => {
    const found = measureChange(runsOf([...around(20, 30, 4), ...around(10, 20, 4)]), seconds);
    expect(found).toMatchObject({
      verdict: "improving",
      decliningSince: null,
      before: { runs: 30 },
      since: { runs: 20 },
    });
  });

  test.each([
    ["a score by less than 0.02", [...Array<number>(40).fill(0.85), ...Array<number>(20).fill(0.869)], score, "steady"],
    ["a score by 0.02", [...Array<number>(40).fill(0.85), ...Array<number>(20).fill(0.87)], score, "improving"],
    [
      "a time by less than a tenth",
      [...Array<number>(40).fill(20), ...Array<number>(20).fill(21.9)],
      seconds,
      "steady",
    ],
    ["a time by a tenth", [...Array<number>(40).fill(20), ...Array<number>(20).fill(22)], seconds, "declining"],
  ] as const)("of %s has the verdict that is worth it", (_, values, kind, verdict) => {
    const found = measureChange(runsOf(values), kind);
    expect(found.verdict).toBe(verdict);
    expect(found.before?.runs).toBe(40);
    if (verdict === "steady")
      expect(found.evidence).toMatch(/^steady: median .* since about 2026-11-02T16:00Z, .* before$/);
  });

  test("is none where the ranks have moved and the median has not", () => {
    const later = Array.from({ length: 24 }, (_, run) => (run % 2 === 0 && run < 22 ? 0.5 : 0.9));
    const found = measureChange(runsOf([...Array<number>(60).fill(0.9), ...later]), score);
    expect(found).toMatchObject({ verdict: "steady", since: { median: 0.9 }, before: { median: 0.9 } });
    expect(found.pChanged).toBeGreaterThan(0.5);
  });

  test("is none of values that are all equal, and is not sure of it either", () => {
    expect(measureChange(runsOf(Array<number>(90).fill(0.85)), score)).toEqual({
      pChanged: 0,
      changes: [],
      since: { runs: 90, median: 0.85 },
      before: null,
      verdict: "steady",
      decliningSince: null,
      evidence: "steady: median 0.85 of 90",
    });
  });

  test("is not made by one extreme value", () => {
    const found = measureChange(runsOf([...around(20, 40, 2), 1e9, ...around(20, 10, 2)]), seconds);
    expect(found).toMatchObject({ verdict: "steady", before: null });
  });

  test("is not judged of fewer than ten, and unknown of none", () => {
    const nothing = { pChanged: null, changes: [], before: null, verdict: "too_few_runs", decliningSince: null };
    expect(measureChange([], score)).toEqual({ ...nothing, since: null, evidence: "n/a: not reported" });
    expect(measureChange(runsOf(Array<number>(9).fill(0.8)), score)).toEqual({
      ...nothing,
      since: { runs: 9, median: 0.8 },
      evidence: "too few runs: reported by 9, 1 more needed",
    });
  });
});
