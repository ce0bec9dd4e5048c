import { expect, test } from "vitest";
import { readRun } from "../../../src/adr004/run-line.ts";
import { jsonLine } from "../../../src/cli/export/jsonl.ts";

test("a line that names another agent is written anew, however long a text in it is", () => {
  const record = { agent: "other", success: true, notes: '\\"x'.repeat(5_000_000), end: 1 };
  const execution = readRun(record);
  if (execution === undefined) throw new Error("the record is a run");
  const { isRenamed, line } = jsonLine("reviewer", { execution, text: JSON.stringify(record), verifications: [] });
  expect(isRenamed).toBe(true);
  expect(line.slice(0, 40)).toBe('{"agent":"reviewer","success":true,"note');
  expect(line.slice(-12)).toBe('x","end":1}\n');
});
