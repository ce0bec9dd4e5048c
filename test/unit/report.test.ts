import { describe, expect, test } from "vitest";
import { completeRecord, reportedExecutionSchema, reportedRecord } from "../../src/domain/run/report.ts";
import { KaizenError } from "../../src/errors.ts";
import { idOf } from "../support/histories.ts";

const now = Date.UTC(2026, 10, 22, 10, 0, 0, 789);
const context = { now, retentionDays: 180, id: idOf(1) };
const completed = (timestamp: string) => completeRecord({ success: true, timestamp }, context).timestamp;

describe("the record of a report", () => {
  test("holds what was said, and extra beside it", () => {
    const report = { agent: "a", success: false, error: "e", extra: { tests_passed: 12 } };
    expect(reportedRecord(report)).toEqual({ agent: "a", success: false, error: "e", tests_passed: 12 });
  });

  test.each([...Object.keys(reportedExecutionSchema.shape), "id"])("does not let extra hold %s", (name) => {
    const attempt = () => reportedRecord({ agent: "a", success: true, extra: { [name]: "x" } });
    expect(attempt).toThrow(KaizenError);
    expect(attempt).toThrow(`"${name}"`);
  });

  test("has an example in each description that needs one", () => {
    for (const [name, field] of Object.entries(reportedExecutionSchema.shape)) {
      expect(field.description, name).toMatch(/\S/);
    }
  });
});

describe("completing a record", () => {
  test("gives it the id, and the current second where it has no timestamp", () => {
    expect(completeRecord({ success: true }, context)).toEqual({
      success: true,
      id: idOf(1),
      timestamp: "2026-11-22T10:00:00Z",
    });
  });

  test.each([
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"],
    ["2026-11-22T11:00:00.25+01:00", "2026-11-22T11:00:00.25+01:00"],
    ["2026-11-22T10:00:00", "2026-11-22T10:00:00Z"],
    ["2026-11-22 10:00", "2026-11-22T10:00:00Z"],
    ["2026-11-22", "2026-11-22T00:00:00Z"],
    ["2026-11-22T10:00:00,123456", "2026-11-22T10:00:00.123456Z"],
    [" 2026-11-22T10:00:00 ", "2026-11-22T10:00:00Z"],
    ["2026-11-22T10:00:00z", "2026-11-22T10:00:00Z"],
    ["2026-11-22T10:00:00.1234567890", "2026-11-22T10:00:00.1234567890Z"],
    ["20261122T11+01", "20261122T11+01"],
    ["20261122T10", "20261122T10Z"],
    ["20261122", "20261122T00:00:00Z"],
    ["2026-W47-7", "2026-W47-7T00:00:00Z"],
  ])("writes the timestamp %j as %j", (given, kept) => {
    expect(completed(given)).toBe(kept);
  });

  test.each([
    ["now", /not an ISO 8601/],
    ["2026-11-23T10:00:02Z", /more than a day ahead/],
    ["2026-05-26T09:59:59Z", /older than the 180 days/],
  ])("refuses the timestamp %j", (given, reason) => {
    expect(() => completed(given)).toThrow(reason);
    expect(() => completed(given)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("Leave timestamp out") }),
    );
  });

  test("takes any age where every run is kept", () => {
    const record = completeRecord({ success: true, timestamp: "1999-01-01" }, { ...context, retentionDays: null });
    expect(record.timestamp).toBe("1999-01-01T00:00:00Z");
  });
});
