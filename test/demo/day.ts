/** One run as the demo's agents report it: the arguments of `record_execution`. */
interface DemoRun {
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

/** What the project's tests find when they look at a run: arguments of `verify_execution`. */
interface DemoVerification {
  readonly success: boolean;
  readonly evidence: string;
}

export interface DemoReport {
  readonly run: DemoRun;
  readonly verification: DemoVerification | undefined;
}

export const REVIEWER = "code-reviewer";
export const TEST_WRITER = "test-writer";

/** Runs an agent a day: ten in the morning and ten in the afternoon. */
const RUNS_A_DAY = 20;
const reviewScores = [0.8, 0.85, 0.9];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * The first day, in the order in which runs end. The same each time, so that figures can be checked by hand: the
 * reviewer fails twice; the test writer once in the morning and eight times in the afternoon, each of the eight for the
 * same reason, the last four in a row. One run that it calls a success is none, as the project's tests find.
 */
export function firstDay(now: number): DemoReport[] {
  return reports(startOfDay(now, 2), 0);
}

/** The day after: nothing of the test writer's fails. */
export function secondDay(now: number): DemoReport[] {
  return reports(startOfDay(now, 1), RUNS_A_DAY);
}

/** What the optimizer writes in between: the arguments of `write_optimizer_analysis`. */
export const eveningAnalysis = {
  report: {
    agents: {
      [TEST_WRITER]: {
        finding: "From the afternoon on, most runs end waiting for the database container.",
        failures: 8,
        of_runs: 10,
      },
    },
  },
  recommendations: [
    {
      agent: TEST_WRITER,
      title: "Start the database container once, before the first test",
      detail: "Eight of ten afternoon runs waited 30 s for a container of their own, and gave up.",
      priority: 1,
    },
    { agent: REVIEWER, title: "Review large diffs file by file", priority: 3 },
  ],
};

/** Nine o'clock (UTC) of an earlier day: the whole of it has passed, and its hours read as morning and afternoon. */
function startOfDay(now: number, daysAgo: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS - daysAgo * DAY_MS + 9 * 60 * MINUTE_MS;
}

/** Both agents take turns, and a run ends every twelve minutes. */
function reports(start: number, first: number): DemoReport[] {
  return Array.from({ length: 2 * RUNS_A_DAY }, (_, slot) => {
    const ended = new Date(start + (slot + 1) * 12 * MINUTE_MS);
    const timestamp = `${ended.toISOString().slice(0, 19)}Z`;
    const ordinal = first + Math.floor(slot / 2);
    const untimed = slot % 2 === 0 ? review(ordinal) : testWriting(ordinal);
    const run = { ...untimed, timestamp, idempotency_key: `${untimed.agent}-${timestamp}` };
    return { run, verification: slot % 2 === 0 ? undefined : verifications.get(ordinal) };
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

const timeouts = new Set([10, 11, 13, 14, 16, 17, 18, 19]);

function testWriting(ordinal: number): UntimedRun {
  const common = { agent: TEST_WRITER, task: "write-tests" };
  if (ordinal === 3) {
    const error = "expected 3 rows, received 2";
    return { ...common, success: false, execution_time_s: 31, error_type: "AssertionError", error };
  }
  if (timeouts.has(ordinal)) {
    const error = `container db-${4100 + ordinal} did not accept connections within 30 s`;
    return { ...common, success: false, execution_time_s: 64, error_type: "TimeoutError", error };
  }
  return { ...common, success: true, quality_score: 0.85, execution_time_s: 28 };
}

const passes: DemoVerification = { success: true, evidence: "all 41 tests pass" };

/** Which of the test writer's runs are looked at. */
const verifications: ReadonlyMap<number, DemoVerification> = new Map([
  [2, passes],
  [9, passes],
  [12, { success: false, evidence: "3 of 41 tests fail" }],
  [22, passes],
  [26, passes],
  [30, passes],
]);
