import * as z from "zod";
import { reportOf, type TestReport, unreadable } from "./report.ts";
import { type ReportSource, reportText } from "./report-text.ts";
import { ShallowJson } from "./shallow-json.ts";

const count = z.int().min(0);

/** Of vitest's reporter `json`, and of `jest --json`, whose form it has. */
const schema = z.object({
  success: z.boolean(),
  numTotalTests: count,
  numFailedTests: count,
  numPendingTests: count.default(0),
  numTodoTests: count.default(0),
  /** Files, in jest; also the suites in them, in vitest. */
  numFailedTestSuites: count,
  /** Of jest: files that failed before their first test. */
  numRuntimeErrorTestSuites: count.default(0),
  wasInterrupted: z.boolean().default(false),
});

/** Reads what vitest or jest writes as JSON. Fails with a `KaizenError`. */
export async function readVitest(source: ReportSource): Promise<TestReport> {
  const json = new ShallowJson();
  for await (const text of reportText(source)) json.write(text);
  const parsed = schema.safeParse(json.end());
  if (!parsed.success) {
    throw unreadable(
      "The report is JSON, but none of vitest or jest.",
      "Have the test runner write it with --reporter=json (vitest) or --json (jest).",
      parsed.error,
    );
  }
  const { numFailedTests, numPendingTests, numTodoTests, numTotalTests, ...rest } = parsed.data;
  const skipped = numPendingTests + numTodoTests;
  // A file that failed as a whole has no test that did.
  const failed = numFailedTests || rest.numFailedTestSuites || rest.numRuntimeErrorTestSuites;
  const report = reportOf("vitest", { tests: Math.max(numTotalTests, failed + skipped), failed, skipped });
  return { ...report, success: report.success && rest.success && !rest.wasInterrupted };
}
