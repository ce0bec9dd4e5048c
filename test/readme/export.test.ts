import { expect, test } from "vitest";
import { readRun } from "../../src/adr004/run-line.ts";
import { spanOf } from "../../src/cli/export/otlp/spans.ts";
import type { ScannedRun } from "../../src/kaizen/export.ts";
import { chapter, codesIn, table } from "./page.ts";

const page = chapter("Moving and merging histories");
const attributes = table(page, "attribute").map(([name = "", content = ""]) => ({
  name: codesIn(name)[0] ?? "",
  isText: content.endsWith("with `--include-text`"),
}));

/** A run that has everything, of which a verification found that it had not succeeded. */
function refuted(): ScannedRun {
  const record = {
    agent: "tester",
    success: true,
    timestamp: "2026-11-22T10:00:00Z",
    id: "run_5d1f0c83a92e47b6d015",
    quality_score: 0.9,
    execution_time_s: 12.5,
    task: "review",
    notes: "none",
    model: "large",
    version: "4",
    input_tokens: 10,
    output_tokens: 20,
    cost_usd: 0.5,
    idempotency_key: "k",
  };
  const execution = readRun(record);
  if (execution === undefined) throw new Error("the record is no run");
  const verification = {
    execution_id: record.id,
    claimed: true,
    executed_at: record.timestamp,
    timestamp: record.timestamp,
  };
  return {
    execution,
    text: JSON.stringify(record),
    verifications: [
      { ...verification, agent: "tester", success: false, verified_by: "tests", evidence: "3 of 41 fail" },
    ],
  };
}

test("the table of attributes has all that a span may have, and says which are text", () => {
  const keysOf = (includeText: boolean) =>
    spanOf("tester", refuted(), { includeText, runName: "" })?.attributes.map(({ key }) => key);
  expect(new Set(keysOf(true))).toEqual(new Set(attributes.map(({ name }) => name)));
  expect(new Set(keysOf(false))).toEqual(new Set(attributes.flatMap(({ isText, name }) => (isText ? [] : [name]))));
});

test("a span is called, timed and marked as the page says", () => {
  const span = spanOf("tester", refuted(), { includeText: false, runName: "" });
  expect(page).toContain("`invoke_agent AGENT`");
  expect(span?.name).toBe("invoke_agent tester");
  expect(Number(span?.endTimeUnixNano) - Number(span?.startTimeUnixNano)).toBe(12.5e9);
  expect(span?.attributes).toContainEqual({ key: "error.type", value: { stringValue: "verification_failed" } });
  expect(new Set(span?.events.map(({ name }) => name))).toEqual(new Set(["gen_ai.evaluation.result"]));
  expect(page).toContain("`gen_ai.evaluation.result`");
});
