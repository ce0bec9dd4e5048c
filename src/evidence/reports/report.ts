import { KaizenError } from "../../errors.ts";

/** What a report of a test run comes to. Names of tests are counted, and never kept. */
export interface TestReport {
  readonly runner: "junit" | "tap" | "vitest";
  /** All that the report lists, run or not. */
  readonly tests: number;
  /** That failed or ended in an error. */
  readonly failed: number;
  /** That were not run, or whose result does not count: skipped, pending, to do. */
  readonly skipped: number;
  /** At least one test ran, and none failed. */
  readonly success: boolean;
}

export type Counts = Pick<TestReport, "tests" | "failed" | "skipped">;

export function reportOf(runner: TestReport["runner"], { tests, failed, skipped }: Counts): TestReport {
  return { runner, tests, failed, skipped, success: failed === 0 && tests - skipped > 0 };
}

/** Says why a report counts for nothing, and what to do. */
export function unreadable(message: string, hint: string, cause?: unknown): KaizenError {
  return new KaizenError("INVALID_ARGUMENT", message, { hint, cause });
}
