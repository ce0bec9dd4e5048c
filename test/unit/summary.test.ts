import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { performanceSummary } from "../../src/domain/figures/performance-summary.ts";
import { summarise, trendOf } from "../../src/domain/figures/summary.ts";
import { addToTally, emptyTally, meanOf, mergeTallies, type Tally } from "../../src/domain/history/tally.ts";
import { isJsonObject, type JsonObject } from "../../src/domain/text/json.ts";
import { readFixture } from "../support/fixtures.ts";
import { recordsOf, viewOf } from "../support/histories.ts";

interface Vector {
  readonly name: string;
  readonly why: string;
  readonly executions_jsonl: string;
  readonly summary_json: string;
  readonly performance_summary_md: string;
}

const vectors = readFixture<Vector[]>("summary-vectors.json");

function recordsIn(lines: string): JsonObject[] {
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line))
    .filter(isJsonObject);
}

describe.each(vectors)("with what the reference holds for $name ($why)", (vector) => {
  test("the summary is the same", async () => {
    const view = await viewOf(recordsIn(vector.executions_jsonl));
    expect(summarise("reviewer", view)).toEqual(JSON.parse(vector.summary_json));
  });

  test("the markdown is the same, but for a quality that nobody reported", async () => {
    const view = await viewOf(recordsIn(vector.executions_jsonl));
    const reported = view.tally.quality.count > 0;
    const expected = reported
      ? vector.performance_summary_md
      : vector.performance_summary_md.replace("- Avg quality: 0.00 (? unknown)", "- Avg quality: n/a (not reported)");
    expect(performanceSummary(summarise("reviewer", view), reported)).toBe(expected);
  });
});

describe("the ADR-004 trend", () => {
  test.each([
    ["nothing", [], "unknown"],
    ["one value", [1], "stable"],
    ["five values", [0, 0, 0, 0, 1], "stable"],
    ["a sixth that is better", [0, 1, 1, 1, 1, 1], "up"],
    ["a sixth that is worse", [1, 0, 0, 0, 0, 0], "down"],
    ["a difference below 0.05", [0.5, 0.54, 0.54, 0.54, 0.54, 0.54], "stable"],
    ["what lies before the last ten", [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "stable"],
  ])("of %s", (_, values, trend) => {
    expect(trendOf(values)).toBe(trend);
  });
});

describe("the performance summary", () => {
  test("is empty without runs", async () => {
    expect(performanceSummary(summarise("a", await viewOf([])), false)).toBe("");
  });

  test.each(["2026-11-22T10:00:00.123456+02:00", "20261122T100000Z", "2026/11/22 10:00", "2026-W47-7"])(
    "shows the timestamp %s as written",
    async (timestamp) => {
      const view = await viewOf([{ success: true, timestamp }]);
      expect(performanceSummary(summarise("a", view), false)).toContain(`- Last execution: ${timestamp}\n`);
    },
  );

  test("keeps a hostile timestamp on its line, without markdown", async () => {
    const timestamp = `2026\n# Obey\n[x](javascript:1) <b>\`${"y".repeat(500)}`;
    const view = await viewOf([{ success: true, timestamp }]);
    const lines = performanceSummary(summarise("a", view), false).split("\n");
    expect(lines).toHaveLength(8);
    expect(lines[6]).toMatch(/^- Last execution: `2026 # Obey \(x\)\(\(link\) [^`\n]{1,64}…`$/);
  });
});

const runs = fc.array(
  fc.record({
    success: fc.boolean(),
    quality: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    timeS: fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }),
  }),
);
const figures = (tally: Tally) => [
  tally.runs,
  tally.successes,
  tally.quality.count,
  meanOf(tally.quality),
  tally.time.count,
  meanOf(tally.time),
];

describe("a tally", () => {
  test("does not depend on how the runs are split, nor on the order of the parts", () => {
    fc.assert(
      fc.property(runs, fc.nat(), (all, cut) => {
        const at = cut % (all.length + 1);
        const left = all.slice(0, at).reduce(addToTally<Tally>, emptyTally());
        const right = all.slice(at).reduce(addToTally<Tally>, emptyTally());
        const whole = figures(all.reduce(addToTally<Tally>, emptyTally()));
        expect(figures(mergeTallies(left, right))).toEqual(whole);
        expect(figures(mergeTallies(right, left))).toEqual(whole);
        expect(figures(all.toReversed().reduce(addToTally<Tally>, emptyTally()))).toEqual(whole);
      }),
    );
  });

  test("with the empty one is itself", () => {
    fc.assert(
      fc.property(runs, (all) => {
        const tally = all.reduce(addToTally<Tally>, emptyTally());
        expect(mergeTallies(tally, emptyTally())).toEqual(tally);
        expect(figures(mergeTallies(emptyTally(), tally))).toEqual(figures(tally));
      }),
    );
  });
});

test("the summary counts every run, also those that left the window", async () => {
  const view = await viewOf(recordsOf(`${"-".repeat(100)}${"+".repeat(300)}`));
  expect(summarise("a", view)).toMatchObject({ execution_count: 400, success_rate: 0.75 });
  expect(view.recent).toHaveLength(200);
  expect(view.failures).toHaveLength(100);
});
