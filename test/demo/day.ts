/** One run as the demo's agents report it: the arguments of `record_execution`. */
export interface DemoRun {
  readonly agent: string;
  readonly success: boolean;
  readonly quality_score?: number;
  readonly execution_time_s: number;
  readonly task: string;
  readonly error_type?: string;
  readonly error?: string;
  readonly timestamp: string;
  readonly idempotency_key: string;
}

export const REVIEWER = "code-reviewer";
export const TEST_WRITER = "test-writer";

const RUNS_AN_AGENT = 20;
const reviewScores = [0.8, 0.85, 0.9];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Nine o'clock (UTC) of the day before: the whole day has passed, and its hours read as morning and afternoon. */
export function startOfWork(now: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS - DAY_MS + 9 * 60 * MINUTE_MS;
}

/**
 * Forty runs in the order in which they end, one every twelve minutes. The same each time, so that figures can be
 * checked by hand: the reviewer fails twice; the test writer once in the morning, and seven times in the afternoon, each time for the
 * same reason.
 */
export function dayOfRuns(now: number): DemoRun[] {
  return Array.from({ length: 2 * RUNS_AN_AGENT }, (_, slot) => {
    const ended = new Date(startOfWork(now) + (slot + 1) * 12 * MINUTE_MS);
    const timestamp = `${ended.toISOString().slice(0, 19)}Z`;
    const ordinal = Math.floor(slot / 2);
    const run = slot % 2 === 0 ? review(ordinal) : testWriting(ordinal);
    return { ...run, timestamp, idempotency_key: `${run.agent}-${timestamp}` };
  });
}

type UntimedRun = Omit<DemoRun, "timestamp" | "idempotency_key">;

function review(ordinal: number): UntimedRun {
  const common = { agent: REVIEWER, task: "review", execution_time_s: 20 + (ordinal % 4) * 5 };
  if (ordinal === 4 || ordinal === 8) {
    return { ...common, success: false, error_type: "DiffTooLarge", error: "the diff does not fit into the context" };
  }
  return { ...common, success: true, quality_score: reviewScores[ordinal % 3] ?? 0 };
}

function testWriting(ordinal: number): UntimedRun {
  const isAfternoon = ordinal >= RUNS_AN_AGENT / 2;
  const common = { agent: TEST_WRITER, task: "write-tests" };
  if (ordinal === 3) {
    const error = "expected 3 rows, received 2";
    return { ...common, success: false, execution_time_s: 31, error_type: "AssertionError", error };
  }
  if (isAfternoon && ordinal % 10 > 2) {
    const error = `container db-${4100 + ordinal} did not accept connections within 30 s`;
    return { ...common, success: false, execution_time_s: 64, error_type: "TimeoutError", error };
  }
  return { ...common, success: true, quality_score: isAfternoon ? 0.6 : 0.85, execution_time_s: 28 };
}
