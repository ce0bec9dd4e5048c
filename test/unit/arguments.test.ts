import { describe, expect, test } from "vitest";
import { z } from "zod";
import { analysisSchema } from "../../src/domain/analysis.ts";
import { nearestName, parseArguments } from "../../src/domain/arguments.ts";
import { reportedExecutionSchema } from "../../src/domain/report.ts";
import { KaizenError } from "../../src/errors.ts";

const schema = z.strictObject({
  agent: z.string(),
  success: z.boolean(),
  quality_score: z.number().min(0).max(1).optional(),
  limit: z.int().min(1).max(200).optional(),
});

function refusalOf(input: unknown, of: z.ZodType = schema): string {
  try {
    parseArguments(of, input);
  } catch (error) {
    if (error instanceof KaizenError && error.code === "INVALID_ARGUMENT") return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

describe("parsing arguments", () => {
  test("gives back what is right", () => {
    const input = { agent: "a", success: true, quality_score: 1 };
    expect(parseArguments(schema, input)).toEqual(input);
  });

  test("names the missing argument and its type", () => {
    expect(refusalOf({ agent: "a" })).toBe("success is required (boolean).");
  });

  test("says what to send instead of a quoted boolean", () => {
    expect(refusalOf({ agent: "a", success: "false" })).toBe('success is "false": send true or false, without quotes.');
  });

  test("says what to do with a percentage", () => {
    expect(refusalOf({ agent: "a", success: true, quality_score: 85 })).toBe(
      "quality_score is 85: it goes from 0 to 1 (divide percentages by 100).",
    );
  });

  test("says what to send instead of a quoted number", () => {
    const refused = refusalOf({ agent: "a", success: true, limit: "20" });
    expect(refused).toBe('limit is "20": send a number, without quotes.');
    expect(refusalOf({ agent: "a", success: true, limit: 1.5 })).toBe("limit is 1.5: send an integer.");
  });

  test.each([
    [[1], "report is [1]: send an object."],
    ["x", 'report is "x": send an object.'],
  ])("says what to send instead of %j where an object is meant", (report, text) => {
    expect(refusalOf({ report }, analysisSchema)).toBe(text);
  });

  test("names the place of an unknown key, and the keys that are known there", () => {
    const advice = { agent: "a", title: "t" };
    const refused = (second: object) =>
      refusalOf({ report: {}, recommendations: [advice, { ...advice, ...second }] }, analysisSchema);
    expect(refused({ prority: 1 })).toBe('"prority" is not a field of recommendations.1; did you mean "priority"?');
    expect(refused({ urgency: 1 })).toBe(
      '"urgency" is not a field of recommendations.1; known are agent, title, detail, priority.',
    );
  });

  test("lists every problem at once", () => {
    const text = refusalOf({ success: 1, limit: 0 });
    expect(text).toContain("agent is required (string).");
    expect(text).toContain("success is 1:");
    expect(text).toContain("limit is 0:");
  });

  test("names the nearest known argument", () => {
    expect(refusalOf({ agent: "a", success: true, qualityScore: 1 })).toBe(
      '"qualityScore" is not an argument; did you mean "quality_score"?',
    );
    expect(refusalOf({ agent: "a", success: true, sucess: true })).toContain('did you mean "success"?');
  });

  test("lists the known arguments where none is near", () => {
    expect(refusalOf({ agent: "a", success: true, zzz: 1 })).toContain(
      "known are agent, success, quality_score, limit",
    );
  });

  test("shows a long value bounded", () => {
    expect(refusalOf({ agent: "a", success: "x".repeat(10_000) }).length).toBeLessThan(200);
  });

  test.each([null, 5, "x", [], undefined])("answers %j with a sentence", (input) => {
    expect(refusalOf(input)).toMatch(/\.$/);
  });

  test("refuses what is no number in a report", () => {
    expect(refusalOf({ agent: "a", success: true, quality_score: Number.NaN }, reportedExecutionSchema)).toContain(
      "quality_score",
    );
    expect(refusalOf({ agent: "a", success: true, execution_time_s: -1 }, reportedExecutionSchema)).toContain(
      "execution_time_s is -1",
    );
  });
});

describe("the nearest name", () => {
  test.each([
    ["timestmp", "timestamp"],
    ["tiemstamp", "timestamp"],
    ["idepmotency_kye", "idempotency_key"],
    ["time", "timestamp"],
    ["idempotencyKey", "idempotency_key"],
    ["score", "quality_score"],
    ["xyzzy", undefined],
    ["", undefined],
  ])("to %j is %s", (wrong, right) => {
    expect(nearestName(wrong, ["timestamp", "idempotency_key", "quality_score"])).toBe(right);
  });

  test("of a short word is found where two letters changed places", () => {
    expect(nearestName("sicne", ["since", "until", "json"])).toBe("since");
    expect(nearestName("rpune", ["record", "prune"])).toBe("prune");
  });

  test("is found at once for a long word", () => {
    expect(nearestName("x".repeat(100_000), ["timestamp"])).toBeUndefined();
  });
});
