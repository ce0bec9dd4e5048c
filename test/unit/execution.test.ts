import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRun } from "../../src/adr004/run-line.ts";
import { executionId, identitiesOf, isSameReport, jsonObjectSchema } from "../../src/domain/run/execution.ts";
import { idOf } from "../support/histories.ts";

describe("reading a record", () => {
  test("takes what ADR-004 names and keeps the rest", () => {
    const record = {
      id: idOf(1),
      success: true,
      timestamp: "2026-11-22T10:00:00Z",
      quality_score: 0.5,
      execution_time_s: 2,
      idempotency_key: "k",
      anything: [1],
    };
    expect(readRun(record)).toEqual({
      record,
      id: idOf(1),
      key: "k",
      success: true,
      timestamp: "2026-11-22T10:00:00Z",
      at: Date.UTC(2026, 10, 22, 10),
      quality: 0.5,
      timeS: 2,
    });
  });

  test.each([
    [1, true],
    [0, false],
  ])("takes %j for a truth value", (success, read) => {
    expect(readRun({ success })?.success).toBe(read);
  });

  test.each(["false", "true", 2, null, [], {}])("finds no run in success %j", (success) => {
    expect(readRun({ success })).toBeUndefined();
  });

  test("finds no run in a record without success", () => {
    expect(readRun({ timestamp: "2026-11-22T10:00:00Z" })).toBeUndefined();
  });

  test.each(["0.5", null, true, 1e201, [0.5]])("does not take %j for a measure", (value) => {
    const run = readRun({ success: true, quality_score: value, execution_time_s: value });
    expect(run).toMatchObject({ quality: undefined, timeS: undefined });
  });

  test("shows a Unix time as ISO 8601, and an unreadable text as written", () => {
    expect(readRun({ success: true, timestamp: 0 })).toMatchObject({
      at: 0,
      timestamp: "1970-01-01T00:00:00.000Z",
    });
    expect(readRun({ success: true, timestamp: "soon" })).toMatchObject({ at: undefined, timestamp: "soon" });
    expect(readRun({ success: true })).toMatchObject({ at: undefined, timestamp: null });
  });

  test.each(["run_1", 7, `run_${"g".repeat(20)}`, ""])("does not take %j for an id of ours", (id) => {
    expect(readRun({ success: true, id })?.id).toMatch(/^content_[0-9a-f]{16}$/);
  });

  test("reads the id that it makes", () => {
    const id = executionId("0123456789abcdef0123456789abcdef");
    expect(readRun({ success: true, id })?.id).toBe(id);
  });
});

test("a run is known by its key and its id, which cannot be mistaken for each other", () => {
  const run = readRun({ success: true, id: idOf(3), idempotency_key: idOf(3) });
  expect(run && identitiesOf(run)).toEqual([`key:${idOf(3)}`, `id:${idOf(3)}`]);
});

describe("a repeated report", () => {
  const stored = {
    id: idOf(1),
    agent: "a",
    success: true,
    timestamp: "2026-11-22T10:00:00Z",
    notes: "n",
    tags: [1, 2],
  };

  test("is the same where the store made up what it leaves out", () => {
    expect(isSameReport(stored, { success: true, notes: "n", tags: [1, 2] })).toBe(true);
  });

  test("is the same in another spelling of its instant", () => {
    const reported = { agent: "a", success: true, timestamp: "2026-11-22T11:00:00+01:00", notes: "n", tags: [1, 2] };
    expect(isSameReport(stored, reported)).toBe(true);
  });

  test.each([
    { success: false, notes: "n", tags: [1, 2] },
    { success: true, notes: "m", tags: [1, 2] },
    { success: true, notes: "n", tags: [2, 1] },
    { success: true, notes: "n" },
    { success: true, notes: "n", tags: [1, 2], more: 1 },
    { success: true, notes: "n", tags: [1, 2], timestamp: "2026-11-22T10:00:01Z" },
    { success: true, notes: "n", tags: [1, 2], timestamp: "soon" },
  ])("is another report with %j", (reported) => {
    expect(isSameReport(stored, reported)).toBe(false);
  });
});

describe("a JSON object", () => {
  test("may hold any JSON", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => !/^(__proto__|constructor|prototype)$/.test(key)),
          fc.jsonValue({ maxDepth: 5 }),
        ),
        (value) => {
          const plain = JSON.parse(JSON.stringify(value));
          fc.pre(!/"(__proto__|constructor|prototype)":/.test(JSON.stringify(plain)));
          expect(jsonObjectSchema.parse(plain)).toEqual(plain);
        },
      ),
    );
  });

  test.each([
    [{ a: { b: Number.NaN } }, "a.b is not a finite number"],
    [{ a: [Number.POSITIVE_INFINITY] }, "a[0] is not a finite number"],
    [{ a: undefined }, "a is not JSON"],
    [{ constructor: 1 }, 'the key "constructor"'],
    [JSON.parse('{"__proto__": 1, "b": 2}'), 'the key "__proto__"'],
    [JSON.parse('{"a": {"__proto__": 1}}'), 'the key "__proto__"'],
    [JSON.parse(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`), "deeper than 32"],
  ])("may not be %j", (value, problem) => {
    const result = jsonObjectSchema.safeParse(value);
    expect(result.success).toBe(false);
    expect(result.error?.issues[0]?.message).toContain(problem);
  });

  test("may be 32 levels deep", () => {
    const value = JSON.parse(`${'{"a":'.repeat(32)}1${"}".repeat(32)}`);
    expect(jsonObjectSchema.safeParse(value).success).toBe(true);
  });

  test("that is very deep is refused without running out of stack", () => {
    const value = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
    expect(jsonObjectSchema.safeParse({ a: value }).success).toBe(false);
  });
});
