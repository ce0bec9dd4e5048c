import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeStats, statsSchema } from "../../src/domain/figures/stats.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { selfScoreFinding } from "../../src/domain/verification/self-score.ts";
import { nothingVerified, type VerifiedView } from "../../src/domain/verification/verified-view.ts";
import { idOf, recordsOf, timestampOf, viewOf } from "../support/histories.ts";

async function statsOf(records: readonly JsonObject[], verified: VerifiedView = nothingVerified) {
  return computeStats({ view: await viewOf(records), verified, unreadable: 0 });
}

describe("the stats", () => {
  test("of no runs say so everywhere", async () => {
    const unknown = { p_changed: null, changes: [], verdict: "too_few_runs", declining_since: null };
    const nothing = { reported: 0, runs: 0, median: null, p90: null, since: null, before: null, ...unknown };
    expect(await statsOf([])).toEqual({
      success: {
        runs: 0,
        successes: 0,
        rate: null,
        interval: [0, 1],
        since: { runs: 0, successes: 0 },
        before: null,
        ...unknown,
        evidence: "too few runs: 0 of 0 succeeded, 10 more runs needed",
      },
      quality: { ...nothing, evidence: "n/a: not reported" },
      execution_time_s: { ...nothing, evidence: "n/a: not reported" },
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
      since: { runs: 10, successes: 2 },
      before: { runs: 20, successes: 20 },
      p_changed: expect.closeTo(0.989, 3),
      changes: [{ after: 20, timestamp: timestampOf(21) }],
      verdict: "declining",
      evidence: "declining since about 2026-11-01T20:00Z: 2 of 10, before that 20 of 20 (P 0.99)",
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
    expect(stats.success).toMatchObject({ runs: 400, successes: 300, since: { runs: 200, successes: 200 } });
    expect(stats.execution_time_s).toMatchObject({ reported: 400, runs: 400, median: 300.5, p90: 380.1 });
  });

  test("take a slower agent for a declining one, and a better score for an improving one", async () => {
    const records = recordsOf("+".repeat(30), (ordinal) => ({
      execution_time_s: (ordinal > 20 ? 40 : 10) + (ordinal % 3),
      quality_score: (ordinal > 20 ? 0.9 : 0.6) + (ordinal % 3) / 100,
    }));
    const { quality, execution_time_s } = await statsOf(records);
    expect(execution_time_s).toMatchObject({
      verdict: "declining",
      since: { runs: 10, median: 41 },
      before: { runs: 20, median: 11 },
      declining_since: timestampOf(21),
      evidence: "declining since about 2026-11-01T20:00Z: median 41.0 s of 10, before that 11.0 s of 20 (P 0.98)",
    });
    expect(quality).toMatchObject({
      verdict: "improving",
      declining_since: null,
      evidence: "improving since about 2026-11-01T20:00Z: median 0.91 of 10, before that 0.61 of 20 (P 0.98)",
    });
  });

  test("say by how many runs a number was reported, and never take silence for 0", async () => {
    const records = recordsOf("+".repeat(12), (ordinal) => (ordinal % 3 === 0 ? { quality_score: 0.8 } : {}));
    expect((await statsOf(records)).quality).toEqual({
      reported: 4,
      runs: 12,
      median: 0.8,
      p90: 0.8,
      since: { runs: 4, median: 0.8 },
      before: null,
      p_changed: null,
      changes: [],
      declining_since: null,
      verdict: "too_few_runs",
      evidence: "too few runs: reported by 4, 6 more needed",
    });
  });

  test("let a check outweigh a claim, in the totals and in the windows", async () => {
    const ordinals = Array.from({ length: 15 }, (_, index) => index * 2 + 1);
    const found = (ordinal: number) => ordinal < 22;
    const verified: VerifiedView = {
      ...nothingVerified,
      verified: { runs: 15, successes: ordinals.filter(found).length },
      claimedSuccesses: 15,
      contradictions: 0,
      outcomes: new Map(ordinals.map((ordinal) => [idOf(ordinal), found(ordinal)] as const)),
    };
    const stats = await statsOf(recordsOf("+".repeat(30)), verified);
    expect(stats.verified).toMatchObject({ runs: 15, successes: 11, claimed_rate: 1 });
    expect(stats.success).toMatchObject({ runs: 30, successes: 26, since: { runs: 30, successes: 26 }, before: null });
  });

  test("do not call it a decline where checking begins", async () => {
    const failed = Array.from({ length: 8 }, (_, index) => 23 + index);
    const verified: VerifiedView = {
      ...nothingVerified,
      verified: { runs: 8, successes: 0 },
      claimedSuccesses: 8,
      contradictions: 0,
      outcomes: new Map(failed.map((ordinal) => [idOf(ordinal), false] as const)),
    };
    expect((await statsOf(recordsOf("+".repeat(30)), verified)).success).toMatchObject({
      since: { runs: 8, successes: 0 },
      verdict: "steady",
      declining_since: null,
      evidence: "steady: checked since about 2026-11-01T22:00Z: 0 of 22 runs before, 8 of 8 since; not comparable",
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
      "All 12 quality scores are 0.95: they say nothing.",
    );
  });

  test("is made where they are the same for success and failure", () => {
    expect(selfScoreFinding(scored("+-".repeat(10), (index) => (index % 4 < 2 ? 0.8 : 0.9)))).toBe(
      "Quality scores say nothing: they are the same for success and failure (median 0.85 of 10 successes, 0.85 of 10 failures).",
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
