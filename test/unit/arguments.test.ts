import { describe, expect, test } from "vitest";
import { z } from "zod";
import { analysisSchema } from "../../src/domain/coaching/analysis.ts";
import { reportedExecutionSchema } from "../../src/domain/run/report.ts";
import { parseArguments } from "../../src/domain/text/arguments.ts";
import { nearestName } from "../../src/domain/text/nearest-name.ts";
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
      '"urgency" is not a field of recommendations.1; known are agent, title, detail, priority, safety.',
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

describe("null in the place of an argument that may be left out", () => {
  const report = { agent: "a", success: true };

  test("counts as left out, also in a list of objects, and leaves a default in force", () => {
    const all = { ...report, quality_score: null, notes: null, extra: null };
    expect(parseArguments(reportedExecutionSchema, all)).toEqual(report);
    const advice = { agent: "a", title: "t" };
    const analysis = { report: {}, recommendations: [{ ...advice, detail: null, priority: null }] };
    expect(parseArguments(analysisSchema, analysis)).toEqual({ report: {}, recommendations: [advice] });
    expect(parseArguments(analysisSchema, { report: {}, recommendations: null })).toEqual({ report: {} });
    const withDefault = z.strictObject({ detail: z.enum(["short", "full"]).default("short") });
    expect(parseArguments(withDefault, { detail: null })).toEqual({ detail: "short" });
  });

  test("is a value where the field takes it, and in a free-form object", () => {
    expect(parseArguments(z.strictObject({ a: z.string().nullable().optional() }), { a: null })).toEqual({ a: null });
    const extra = { left: null, deeper: [{ notes: null }] };
    expect(parseArguments(reportedExecutionSchema, { ...report, extra })).toEqual({ ...report, extra });
    const analysis = { report: { recommendations: null } };
    expect(parseArguments(analysisSchema, analysis)).toEqual(analysis);
  });

  test("is refused where a value is required, where it is in a list, and under a name that is none", () => {
    expect(refusalOf({ agent: null, success: null })).toBe(
      "agent is null: send a string. success is null: send true or false.",
    );
    expect(refusalOf({ report: null }, analysisSchema)).toBe("report is null: send an object.");
    expect(refusalOf({ report: {}, recommendations: [null] }, analysisSchema)).toBe(
      "recommendations.0 is null: send an object.",
    );
    expect(refusalOf({ ...report, zzz: null })).toMatch(/^"zzz" is not an argument; known are /);
  });
});

describe("a refusal is about the value that came", () => {
  const valid = { agent: "a", success: true };

  test.each([
    [{ quality_score: "0.9" }, 'quality_score is "0.9": send a number, without quotes.'],
    [{ quality_score: "85" }, 'quality_score is "85": send a number; it goes from 0 to 1 (divide percentages by 100).'],
    [
      { quality_score: "85%" },
      'quality_score is "85%": send a number; it goes from 0 to 1 (divide percentages by 100).',
    ],
    [{ quality_score: "high" }, 'quality_score is "high": send a number; it goes from 0 to 1.'],
    [{ quality_score: true }, "quality_score is true: send a number."],
    [{ quality_score: 85 }, "quality_score is 85: it goes from 0 to 1 (divide percentages by 100)."],
    [{ quality_score: -0.5 }, "quality_score is -0.5: it goes from 0 to 1."],
    [{ cost_usd: Number.POSITIVE_INFINITY }, "cost_usd is Infinity: send a number that is finite."],
    [{ execution_time_s: "12 s" }, 'execution_time_s is "12 s": send a number.'],
    [{ input_tokens: "12" }, 'input_tokens is "12": send a number, without quotes.'],
    [{ success: 1 }, "success is 1: send true or false."],
    [{ success: "yes" }, 'success is "yes": send true or false, without quotes.'],
    [{ notes: 5 }, "notes is 5: send a string."],
    [{ notes: { a: 1 } }, 'notes is {"a":1}: send a string.'],
    [{ task: "" }, 'task is "": it may not be empty.'],
    [{ model: "x".repeat(201) }, `model is "${"x".repeat(76)}...: at most 200 characters are allowed.`],
    [{ extra: "all fine" }, 'extra is "all fine": send an object.'],
    [{ extra: '{"a": 1}' }, 'extra is "{\\"a\\": 1}": send an object itself, not its JSON as text.'],
  ])("%j", (given, text) => {
    expect(refusalOf({ ...valid, ...given }, reportedExecutionSchema)).toBe(text);
  });

  test("a list that came as text is told so", () => {
    expect(refusalOf({ report: {}, recommendations: "[]" }, analysisSchema)).toBe(
      'recommendations is "[]": send a list itself, not its JSON as text.',
    );
  });

  test("arguments that came as JSON text are told so", () => {
    expect(refusalOf(JSON.stringify({ agent: "a" }))).toBe(
      'The input is "{\\"agent\\":\\"a\\"}": send an object itself, not its JSON as text.',
    );
  });

  test.each(["input", "arguments", "params"])(
    "a wrapper called %s is no misspelt argument, and nothing is missing",
    (name) => {
      const text = `"${name}" is not an argument; send what it holds as the arguments themselves.`;
      expect(refusalOf({ [name]: valid }, reportedExecutionSchema)).toBe(text);
      expect(refusalOf({ [name]: JSON.stringify(valid) }, reportedExecutionSchema)).toBe(text);
      expect(refusalOf({ [name]: { agent: "a" } }, reportedExecutionSchema)).toBe(
        `success is required (boolean). ${text}`,
      );
    },
  );

  test("an object is not taken for a number of a similar name", () => {
    expect(refusalOf({ ...valid, input: {} }, reportedExecutionSchema)).toMatch(
      /^"input" is not an argument; known are /,
    );
    expect(refusalOf({ ...valid, input: 5 }, reportedExecutionSchema)).toContain('did you mean "input_tokens"?');
    expect(refusalOf({ ...valid, extras: { a: 1 } }, reportedExecutionSchema)).toContain('did you mean "extra"?');
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
