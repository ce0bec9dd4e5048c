import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arm, compareArms } from "../../src/domain/figures/comparison.ts";
import { factorText } from "../../src/domain/statistics/bayes-factor.ts";

const arm = (name: string, successes: number, runs: number, more: Partial<Arm> = {}): Arm => ({
  name,
  successes,
  runs,
  ...more,
});
const doing = (tasks: Record<string, number>) => ({ tasks: new Map(Object.entries(tasks)) });

describe("a comparison", () => {
  test("names the winner where two rates are twenty times as likely as one", () => {
    expect(compareArms(arm("a", 11, 12), arm("b", 4, 12))).toEqual({
      difference: expect.closeTo(7 / 12, 12),
      interval: [expect.closeTo(0.197, 3), expect.closeTo(0.79, 3)],
      // 25 C(24, 15) / (13 C(12, 11) · 13 C(12, 4))
      bayes_factor: expect.closeTo(32_687_600 / (156 * 6435), 9),
      winner: "a",
      evidence:
        "a does better: a 11 of 12, b 4 of 12 (Bayes factor 32, 20 is clear; difference +58.3 points, " +
        "95% interval at this moment +19.7 to +79.0)",
      warning: null,
    });
  });

  test("names none where they are not, although the interval leaves out 0", () => {
    const { evidence, interval, winner } = compareArms(arm("a", 11, 12), arm("b", 5, 12));
    expect(interval[0]).toBeGreaterThan(0);
    expect(winner).toBeNull();
    expect(evidence).toMatch(/^no clear difference: a 11 of 12, b 5 of 12 \(Bayes factor 11, 20 is clear;/);
  });

  test("shows a factor that is nearly enough as less than enough", () => {
    expect([19.99, 20, 9.99, 0.04, 1e6].map(factorText)).toEqual(["19", "20", "9.9", "< 0.1", "> 999"]);
  });

  test("asks for more the more pairs are compared", () => {
    const [one, other] = [arm("a", 18, 20), arm("b", 8, 20)];
    expect(compareArms(one, other).winner).toBe("a");
    const { evidence, winner } = compareArms(one, other, 10);
    expect(winner).toBeNull();
    expect(evidence).toMatch(/^no clear difference: .* \(Bayes factor \d+, 200 is clear;/);
  });

  test("has no winner with fewer than ten runs a side", () => {
    expect(compareArms(arm("a", 9, 9), arm("b", 0, 50))).toMatchObject({
      winner: null,
      evidence: "too few runs: a 9 of 9, b 0 of 50; a needs 1 more run",
    });
    expect(compareArms(arm("a", 0, 0), arm("b", 1, 3))).toMatchObject({
      difference: null,
      winner: null,
      evidence: "too few runs: a 0 of 0, b 1 of 3; a needs 10 more runs, b needs 7 more runs",
    });
  });

  test("warns where the kinds of work differ", () => {
    const hard = arm("a", 5, 20, doing({ migrate: 15, review: 5 }));
    const easy = arm("b", 18, 20, doing({ review: 20 }));
    expect(compareArms(hard, easy).warning).toBe(
      "The kinds of work differ (75% of it): compare them task by task before concluding anything.",
    );
    expect(compareArms(easy, arm("c", 18, 20, doing({ review: 40 }))).warning).toBeNull();
    expect(compareArms(easy, arm("c", 18, 20)).warning).toBeNull();
  });

  test("warns where the sides were not used at the same time", () => {
    const days = (from: number, to: number) => Array.from({ length: to - from }, (_, day) => from + day);
    const [early, late] = [arm("a", 18, 20, { dates: days(0, 20) }), arm("b", 8, 20, { dates: days(20, 40) })];
    expect(compareArms(early, late).warning).toBe(
      "They were not used at the same time: what else changed meanwhile is in the difference.",
    );
    expect(compareArms(early, { ...late, dates: days(10, 30) }).warning).toBeNull();
    expect(compareArms(early, { ...late, dates: [] }).warning).toBeNull();
    expect(compareArms(arm("a", 1, 1, { dates: [5] }), arm("b", 1, 1, { dates: [5] })).warning).toBeNull();
  });

  test("gives both warnings where both hold", () => {
    const [one, other] = [arm("a", 9, 10, doing({ x: 10 })), arm("b", 9, 10, doing({ y: 10 }))];
    expect(compareArms({ ...one, dates: [1, 2] }, { ...other, dates: [8, 9] }).warning).toMatch(
      /^The kinds .* They were/,
    );
  });

  test("gives the same winner in either order", () => {
    const counts = fc.nat(60).chain((runs) => fc.record({ runs: fc.constant(runs), successes: fc.nat(runs) }));
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [one, other] = [
          { ...a, name: "a" },
          { ...b, name: "b" },
        ];
        expect(compareArms(one, other).winner).toBe(compareArms(other, one).winner);
      }),
    );
  });
});
