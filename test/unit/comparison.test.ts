import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arm, compareArms } from "../../src/domain/figures/comparison.ts";

const arm = (name: string, successes: number, runs: number, tasks?: Record<string, number>): Arm => ({
  name,
  successes,
  runs,
  tasks: tasks === undefined ? undefined : new Map(Object.entries(tasks)),
});

describe("a comparison", () => {
  test("names the winner where the interval leaves out 0", () => {
    // Newcombe's example: 56 of 70 against 48 of 80.
    expect(compareArms(arm("a", 56, 70), arm("b", 48, 80))).toEqual({
      difference: expect.closeTo(0.2, 12),
      interval: [expect.closeTo(0.0524, 4), expect.closeTo(0.3339, 4)],
      winner: "a",
      evidence: "a does better: a 56 of 70, b 48 of 80 (difference +20.0 points, 95% interval +5.2 to +33.4)",
      warning: null,
    });
  });

  test("has no winner where the interval covers 0", () => {
    const { winner, evidence } = compareArms(arm("a", 8, 10), arm("b", 7, 10));
    expect(winner).toBeNull();
    expect(evidence).toMatch(/^no clear difference: a 8 of 10, b 7 of 10 \(difference \+10\.0 points, 95% interval -/);
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
    const hard = arm("a", 5, 20, { migrate: 15, review: 5 });
    const easy = arm("b", 18, 20, { review: 20 });
    expect(compareArms(hard, easy).warning).toContain("differ (75% of it)");
    expect(compareArms(easy, arm("c", 18, 20, { review: 40 })).warning).toBeNull();
    expect(compareArms(easy, arm("c", 18, 20)).warning).toBeNull();
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
