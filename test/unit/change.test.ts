import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decliningSince, probabilityText, rateChange, splitWindows } from "../../src/domain/statistics/change.ts";
import { everyLook, shareCalledChanged } from "../support/exact-false-alarms.ts";
import { detectDrop, falseAlarms } from "../support/simulation.ts";

/** Outcomes from a picture: `+` for a success, `-` for a failure. */
const outcomes = (picture: string) => [...picture.replaceAll(" ", "")].map((mark) => mark === "+");
const repeat = (mark: string, times: number) => mark.repeat(times);

describe("the windows", () => {
  test.each([
    [0, 0, 0],
    [3, 3, 0],
    [5, 5, 0],
    [9, 5, 4],
    [10, 5, 5],
    [18, 6, 12],
    [54, 18, 36],
    [60, 20, 40],
    [80, 20, 60],
    [200, 20, 60],
  ])("of %d runs are the last %d and the %d before", (runs, recent, before) => {
    const windows = splitWindows(Array.from({ length: runs }, (_, index) => index));
    expect([windows.recent.length, windows.before.length]).toEqual([recent, before]);
    expect(windows.recent.at(-1)).toBe(runs === 0 ? undefined : runs - 1);
  });

  test("follow each other without a gap", () => {
    fc.assert(
      fc.property(fc.nat(300), (runs) => {
        const values = Array.from({ length: runs }, (_, index) => index);
        const { recent, before } = splitWindows(values);
        expect([...before, ...recent]).toEqual(values.slice(-(recent.length + before.length)));
      }),
    );
  });
});

describe("the change of a success rate", () => {
  test("is a decline where the last runs fail, with what says so", () => {
    expect(rateChange(outcomes(`${repeat("+", 20)}${repeat("-", 10)}`))).toEqual({
      recent: { runs: 10, successes: 0 },
      before: { runs: 20, successes: 20 },
      // Beta(1, 11) against Beta(21, 1): 11 · 21! · 10! / 32!
      pRecentGreater: expect.closeTo(11 / (44_352_165 * 32), 15),
      verdict: "declining",
      evidence: "declining: 0 of 10 recent, 20 of 20 before (P > 0.999)",
    });
  });

  test("is shown with a probability that is never certain", () => {
    const shown = [1 - 0.0015333045755610466, 1, 0.9995, 0.5, 0.0004].map(probabilityText);
    expect(shown).toEqual(["0.998", "> 0.999", "> 0.999", "0.500", "< 0.001"]);
  });

  test("is an improvement where the last runs succeed", () => {
    expect(rateChange(outcomes(`${repeat("-+", 10)}${repeat("+", 10)}`))).toMatchObject({
      verdict: "improving",
      evidence: "improving: 10 of 10 recent, 10 of 20 before (P 0.997)",
    });
  });

  test("is none where the rates are the same", () => {
    expect(rateChange(outcomes(repeat("+-", 10)))).toMatchObject({
      verdict: "steady",
      evidence: "steady: 3 of 6 recent, 7 of 14 before (P 0.500)",
    });
  });

  test("is none where it is sure but small", () => {
    const before = `${repeat("+", 57)}---`;
    expect(rateChange(outcomes(before + repeat("+", 20))).verdict).toBe("steady");
  });

  test.each([
    ["", "too few runs: 0 of 0 succeeded, 10 more runs needed"],
    ["-", "too few runs: 0 of 1 succeeded, 9 more runs needed"],
    ["+++++----", "too few runs: 5 of 9 succeeded, 1 more run needed"],
  ])("is not judged of %j", (picture, evidence) => {
    expect(rateChange(outcomes(picture))).toMatchObject({ verdict: "too_few_runs", evidence });
  });

  test("is judged from ten runs on", () => {
    expect(rateChange(outcomes("+++++-----")).verdict).toBe("declining");
  });

  test("does not look further back than eighty runs", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }), fc.array(fc.boolean()), (last, older) => {
        expect(rateChange([...older, ...last])).toEqual(rateChange(last));
      }),
    );
  });

  test("mirrors when successes and failures are exchanged", () => {
    const mirrored = { improving: "declining", declining: "improving", steady: "steady", too_few_runs: "too_few_runs" };
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 90 }), (runs) => {
        expect(rateChange(runs.map((success) => !success)).verdict).toBe(mirrored[rateChange(runs).verdict]);
      }),
    );
  });
});

describe("the run since which a decline is suspected", () => {
  test("is the first failure of a streak after a clean history", () => {
    expect(decliningSince(outcomes(`${repeat("+", 20)}----`), 1)).toBe(20);
  });

  test("is the first failure also where some runs succeed after it", () => {
    expect(decliningSince(outcomes(`${repeat("+", 20)}-+-+--`), 0.9)).toBe(20);
  });

  test.each([
    ["a single failure", `${repeat("+", 20)}-`],
    ["failures far apart", repeat(`${repeat("+", 9)}-`, 5)],
    ["nothing", ""],
  ])("is none for %s", (_, picture) => {
    expect(decliningSince(outcomes(picture), 0.9)).toBeUndefined();
  });

  test("needs 2 / (0.9 - 0.15) failures in a row: three", () => {
    expect(decliningSince(outcomes("--"), 0.9)).toBeUndefined();
    expect(decliningSince(outcomes("---"), 0.9)).toBe(0);
  });
});

describe("in a simulation with a fixed seed", () => {
  test("a steady agent at 0.8 is called changed on at most 4% of looks, by ADR-004's trend on most", () => {
    const alarms = falseAlarms(0.8, { histories: 500, seed: 4 });
    expect(alarms.verdict).toBeLessThanOrEqual(0.04);
    expect(alarms.adr004Trend).toBeGreaterThan(0.6);
  });

  test.each([0.05, 0.3, 0.5, 0.6, 0.7, 0.9, 0.97])("a steady agent at %d is called changed on at most 5%", (rate) => {
    expect(falseAlarms(rate, { histories: 100, seed: 5 }).verdict).toBeLessThanOrEqual(0.05);
  });

  test("a drop from 0.9 to 0.5 is found within 40 runs in 99% of histories, after about 9 runs", () => {
    const { found, medianRuns } = detectDrop(0.9, 0.5, { histories: 1000, seed: 6 });
    expect(found).toBeGreaterThanOrEqual(0.99);
    expect(medianRuns).toBeLessThanOrEqual(10);
  });
});

describe("counted out exactly over the first 100 runs", () => {
  const looks = everyLook();

  test("a steady agent at 0.8 is called changed on 3.8% of looks", () => {
    expect(shareCalledChanged(looks, 0.8)).toBeCloseTo(0.0378, 4);
  });

  test("no steady rate is called changed on more than 4.6% of looks", () => {
    const shares = Array.from({ length: 99 }, (_, index) => shareCalledChanged(looks, (index + 1) / 100));
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.046);
  });
});
