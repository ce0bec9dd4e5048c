import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { measureChange } from "../../src/domain/figures/measure.ts";
import { computeStats, statsSchema } from "../../src/domain/figures/stats.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { selfScoreFinding } from "../../src/domain/verification/self-score.ts";
import { nothingVerified, type VerifiedView } from "../../src/domain/verification/verification.ts";
import { idOf, recordsOf, timestampOf, viewOf } from "../support/histories.ts";
import { seededRandom } from "../support/random.ts";

async function statsOf(records: readonly JsonObject[], verified: VerifiedView = nothingVerified) {
  return computeStats({ view: await viewOf(records), verified, unreadable: 0 });
}

describe("the stats", () => {
  test("of no runs say so everywhere", async () => {
    const nothing = { reported: 0, runs: 0, median: null, p90: null, p_value: null };
    expect(await statsOf([])).toEqual({
      success: {
        runs: 0,
        successes: 0,
        rate: null,
        interval: [0, 1],
        recent: { runs: 0, successes: 0 },
        before: { runs: 0, successes: 0 },
        p_recent_greater: null,
        verdict: "too_few_runs",
        evidence: "too few runs: 0 of 0 succeeded, 10 more runs needed",
        declining_since: null,
      },
      quality: { ...nothing, verdict: "too_few_runs", evidence: "n/a: not reported" },
      execution_time_s: { ...nothing, verdict: "too_few_runs", evidence: "n/a: not reported" },
      verified: { runs: 0, successes: 0, rate: null, claimed_rate: null, gap: null },
      self_score: null,
      failures: [],
      damaged_lines: 0,
    });
  });

  test("of an agent that declines say since when, and what fails", async () => {
    const records = recordsOf("++++++++++++++++++++ -+---+----", (_, success) => (success ? {} : { error: "boom" }));
    const stats = await statsOf(records);
    expect(stats.success).toEqual({
      runs: 30,
      successes: 22,
      rate: 22 / 30,
      interval: [expect.closeTo(0.5555, 4), expect.closeTo(0.8582, 4)],
      recent: { runs: 10, successes: 2 },
      before: { runs: 20, successes: 20 },
      // Beta(3, 9) against Beta(21, 1): 23! · 11! / (32! · 2!)
      p_recent_greater: expect.closeTo(1.9608682e-6, 12),
      verdict: "declining",
      evidence: "declining: 2 of 10 recent, 20 of 20 before (P > 0.999)",
      declining_since: timestampOf(21),
    });
    expect(stats.failures).toMatchObject([
      { signature: "boom", count: 8, first_seen: timestampOf(21), last_seen: timestampOf(30), back_after: null },
    ]);
  });

  test("of a steady agent name no decline", async () => {
    const { success } = await statsOf(recordsOf("+++-".repeat(10)));
    expect(success).toMatchObject({ verdict: "steady", declining_since: null });
  });

  test("count every run in the totals, and the last 200 in the windows", async () => {
    const records = recordsOf("-".repeat(100) + "+".repeat(300), (ordinal) => ({ execution_time_s: ordinal }));
    const stats = await statsOf(records);
    expect(stats.success).toMatchObject({ runs: 400, successes: 300, recent: { runs: 20 }, before: { runs: 60 } });
    expect(stats.execution_time_s).toMatchObject({ reported: 400, runs: 400, median: 300.5, p90: 380.1 });
  });

  test("take a slower agent for a declining one, and a better score for an improving one", async () => {
    const records = recordsOf("+".repeat(30), (ordinal) => ({
      execution_time_s: ordinal > 20 ? 20 + ordinal : ordinal / 10,
      quality_score: ordinal > 20 ? 0.9 : 0.5 + ordinal / 100,
    }));
    const { quality, execution_time_s } = await statsOf(records);
    expect(execution_time_s).toMatchObject({
      verdict: "declining",
      evidence: "declining: median 45.5 s of 10 recent, 1.1 s of 20 before (p < 0.001)",
    });
    expect(quality).toMatchObject({
      verdict: "improving",
      evidence: "improving: median 0.90 of 10 recent, 0.60 of 20 before (p < 0.001)",
    });
  });

  test("say by how many runs a number was reported, and never take silence for 0", async () => {
    const records = recordsOf("+".repeat(12), (ordinal) => (ordinal % 3 === 0 ? { quality_score: 0.8 } : {}));
    expect((await statsOf(records)).quality).toEqual({
      reported: 4,
      runs: 12,
      median: 0.8,
      p90: 0.8,
      p_value: null,
      verdict: "too_few_runs",
      evidence: "too few runs: reported by 4, 6 more needed",
    });
  });

  test("let a check outweigh a claim, in the totals and in the windows", async () => {
    const failed = Array.from({ length: 8 }, (_, index) => 23 + index);
    const verified: VerifiedView = {
      verified: { runs: 10, successes: 2 },
      claimedSuccesses: 10,
      contradictions: 0,
      outcomes: new Map([
        ...failed.map((ordinal) => [idOf(ordinal), false] as const),
        [idOf(1), true],
        [idOf(2), true],
      ]),
    };
    const stats = await statsOf(recordsOf("+".repeat(30)), verified);
    expect(stats.verified).toEqual({ runs: 10, successes: 2, rate: 0.2, claimed_rate: 1, gap: 0.8 });
    expect(stats.success).toMatchObject({
      runs: 30,
      successes: 22,
      verdict: "declining",
      recent: { runs: 10, successes: 2 },
      declining_since: timestampOf(23),
    });
  });

  test("parse through their own schema, whatever the runs", async () => {
    const run = fc.record(
      {
        success: fc.boolean(),
        timestamp: fc.constantFrom("2026-11-01T00:00:00Z", "soon", null),
        quality_score: fc.double({ noNaN: true, min: 0, max: 1 }),
        execution_time_s: fc.double({ noNaN: true, min: 0, max: 1e6 }),
        error: fc.string({ unit: "binary" }),
      },
      { requiredKeys: ["success"] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 60 }), async (runs) => {
        const stats = await statsOf(runs);
        expect(statsSchema.parse(stats)).toEqual(stats);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a finding on self-scores", () => {
  const scored = (picture: string, score: (ordinal: number, success: boolean) => number) =>
    [...picture].map((mark, index) => ({ success: mark === "+", quality: score(index, mark === "+") }));

  test("is made where they are always the same", () => {
    expect(selfScoreFinding(scored("+-++++++++++", () => 0.95))).toBe(
      "Self-scores carry no information: all 12 are 0.95.",
    );
  });

  test("is made where they are the same for success and failure", () => {
    expect(selfScoreFinding(scored("+-".repeat(10), (index) => (index % 4 < 2 ? 0.8 : 0.9)))).toBe(
      "Self-scores carry no information: the same for success and failure (median 0.85 of 10 successes, 0.85 of 10 failures).",
    );
  });

  test.each([
    ["they tell success from failure", scored("+-".repeat(10), (_, success) => (success ? 0.9 : 0.4))],
    ["they are fewer than ten", scored("+++++++++", () => 0.9)],
    ["too few failures are scored", scored("++++++++++----", (index) => (index % 2 === 0 ? 0.8 : 0.9))],
    ["there are none", []],
  ])("is not made where %s", (_, runs) => {
    expect(selfScoreFinding(runs)).toBeNull();
  });
});

test("a measure whose median has not moved is steady, whatever its ranks", () => {
  const before = Array.from({ length: 30 }, () => 0.9);
  const recent = Array.from({ length: 15 }, (_, index) => (index < 7 ? 0.85 : 0.9));
  expect(measureChange([...before, ...recent], { moreIsBetter: true, format: String })).toEqual({
    pValue: expect.closeTo(0, 3),
    verdict: "steady",
    evidence: "steady: median 0.9 of 15 recent, 0.9 of 30 before (p < 0.001)",
  });
});

test("a steady measure is called changed on at most 5% of looks", () => {
  const random = seededRandom(8);
  const kind = { moreIsBetter: true, format: String };
  let looks = 0;
  let changed = 0;
  for (let history = 0; history < 25; history += 1) {
    const values: number[] = [];
    for (let run = 0; run < 100; run += 1) {
      values.push(Math.round(random() * 20) / 20);
      looks += 1;
      const { verdict } = measureChange(values, kind);
      if (verdict === "improving" || verdict === "declining") changed += 1;
    }
  }
  expect(changed / looks).toBeLessThanOrEqual(0.05);
});
