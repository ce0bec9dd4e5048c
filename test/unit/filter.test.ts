import { describe, expect, test } from "vitest";
import { readRun } from "../../src/adr004/run-line.ts";
import { computeStats } from "../../src/domain/figures/stats.ts";
import { type ExecutionFilter, instantArgument, isEmptyFilter, matchesFilter } from "../../src/domain/run/filter.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { nothingVerified } from "../../src/domain/verification/verified-view.ts";
import { recordsOf, timestampOf, viewOf } from "../support/histories.ts";

function picked(records: readonly JsonObject[], filter: ExecutionFilter): JsonObject[] {
  return records.filter((record) => {
    const run = readRun(record);
    return run !== undefined && matchesFilter(run, filter);
  });
}

/** An agent that was bad at one kind of work, with one model and version, at first, and is good at another now. */
const records = recordsOf(`${"-+".repeat(10)}${"+".repeat(20)}`, (ordinal, success) => ({
  ...(ordinal <= 20
    ? { task: "migrate", model: "small", version: "1" }
    : { task: "review", model: "large", version: "2" }),
  ...(success ? {} : { error: "lost the thread" }),
  quality_score: ordinal / 64,
  execution_time_s: ordinal,
}));
const at = (ordinal: number) => instantArgument("since", timestampOf(ordinal));

describe("a filter", () => {
  test.each<[string, ExecutionFilter]>([
    ["task", { task: "migrate" }],
    ["model", { model: "small" }],
    ["version", { version: "1" }],
    ["until", { untilAt: at(21) }],
  ])("by %s changes every figure", async (_, filter) => {
    const view = await viewOf(picked(records, filter));
    const stats = computeStats({ view, verified: nothingVerified, unreadable: 0 });
    expect(stats).toMatchObject({
      success: {
        runs: 20,
        successes: 10,
        rate: 0.5,
        since: { runs: 20, successes: 10 },
        before: null,
      },
      quality: { reported: 20, runs: 20, median: 10.5 / 64 },
      execution_time_s: { reported: 20, runs: 20, median: 10.5 },
      failures: [{ count: 10, first_seen: timestampOf(1), last_seen: timestampOf(19) }],
    });
  });

  test("by since leaves the runs before it out", async () => {
    const view = await viewOf(picked(records, { sinceAt: at(21) }));
    const stats = computeStats({ view, verified: nothingVerified, unreadable: 0 });
    expect(stats).toMatchObject({ success: { runs: 20, successes: 20, rate: 1 }, failures: [] });
  });

  test("takes since in and leaves until out, and combines its parts", () => {
    expect(picked(records, { sinceAt: at(20), untilAt: at(22) })).toHaveLength(2);
    expect(picked(records, { sinceAt: at(20), task: "migrate" })).toHaveLength(1);
    expect(picked(records, { success: false, model: "large" })).toHaveLength(0);
    expect(picked(records, {})).toHaveLength(40);
  });

  test("by time leaves out what has no readable timestamp", () => {
    expect(picked([{ success: true, timestamp: "soon" }, { success: true }], { sinceAt: 0 })).toEqual([]);
  });

  test("is empty where no part of it says anything", () => {
    expect(isEmptyFilter({})).toBe(true);
    expect(isEmptyFilter({ task: undefined, sinceAt: undefined })).toBe(true);
    expect(isEmptyFilter({ success: false })).toBe(false);
  });
});

test("an instant that cannot be read is refused by name", () => {
  expect(() => instantArgument("since", "yesterday")).toThrow('since is not an ISO 8601 date or time: "yesterday"');
  expect(instantArgument("since", undefined)).toBeUndefined();
});
