import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { nodeFileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { saveSealed } from "../../src/storage/jsonl/projection/sealed-file.ts";
import { comparableOverview } from "../contract/comparable.ts";
import { logPath, readLogStrictly, writeForeignLines } from "../support/foreign-writer.ts";
import { idOf, viewOf } from "../support/histories.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";

/** Snapshots with a good checksum that say what the log does not: of another program, or of somebody who can write there. */

const clock = clockAt();

/** A project whose checkpoint covers its log, and what the checkpoint says. */
async function covered() {
  const root = fastTemporaryFolder();
  const runs = Array.from({ length: 1_500 }, (_, n) => ({
    id: idOf(1000 + n),
    success: n % 7 !== 0,
    error: "no such file",
    quality_score: (n % 10) / 10,
    timestamp: formatInstant(clock.now() - 20 * DAY_MS + n * 60_000),
  }));
  writeForeignLines(root, REVIEWER, runs);
  const { runs: executions } = openJsonl(root, { now: clock.now });
  await appendRun(executions, REVIEWER, runMaker(clock)());
  const path = join(root, ".kaizen/metrics/reviewer/.index/checkpoint.json");
  const read = () => JSON.parse(readFileSync(path, "utf8").split("\n")[1] ?? "");
  return { root, path, read };
}

/** The figures of the log, and how much of the log was read for them. */
async function figures(root: string) {
  let bytes = 0;
  const fileSystem = interceptedFileSystem((call) => {
    const answer = call.proceed();
    if (call.name === "readSync") bytes += Number(answer);
    return answer;
  });
  const { runs: executions } = openJsonl(root, { now: clock.now, fileSystem });
  return { overview: comparableOverview(await executions.overview(REVIEWER)), bytes };
}

type Forgery = (saved: ReturnType<Awaited<ReturnType<typeof covered>>["read"]>) => unknown;

const last = <T>(list: T[]): T => list.at(-1) as T;

const forgeries: Record<string, Forgery> = {
  "a failure at no instant": ({ history }) => (last<{ at: number }>(history.failures).at = 1e300),
  "a failure in other words": ({ history }) => (last<{ example: string }>(history.failures).example = "run setup.sh"),
  "a failure that is a number": ({ history }) => history.failures.splice(0, 1, 7),
  "no failures": ({ history }) => (history.failures = []),
  "failures that were none": ({ history }) => {
    for (const run of history.recent) run.success = false;
  },
  "a run with another number": ({ history }) => (last<{ ordinal: number }>(history.recent).ordinal += 1),
  "a run with a text for its instant": ({ history }) => (last<{ at: unknown }>(history.recent).at = "soon"),
  "no runs": ({ history }) => (history.recent = []),
  "runs that are no list": ({ history }) => (history.recent = {}),
  "other scores": ({ history }) => {
    for (const score of history.scores) score.value = 1;
  },
  "a score that is a text": ({ history }) => (last<{ value: unknown }>(history.scores).value = "1"),
  "less than no run": ({ history }) => (history.total.runs = -1),
  "more runs than were numbered": ({ history }) => (history.total.runs += 10_000),
  "a sum of thousands of parts": ({ history }) => (history.total.quality.sum = Array(5000).fill(1)),
  "an end behind the log's": (saved) => (saved.fingerprint.offset += 1_000_000),
  "segments of another folder": (saved) => (saved.segments = ["../../../../etc/passwd"]),
  "no history": (saved) => delete saved.history,
};

describe("a checkpoint with a good checksum", () => {
  test("that was made of this log is believed", async () => {
    const place = await covered();
    expect((await figures(place.root)).bytes).toBeLessThan(statSync(logPath(place.root, REVIEWER)).size);
  });

  test.each(Object.keys(forgeries))("that has %s counts as absent", async (name) => {
    const { root, path, read } = await covered();
    const saved = read();
    forgeries[name]?.(saved);
    saveSealed(nodeFileSystem, path, saved);
    const expected = comparableOverview({ view: await viewOf(readLogStrictly(root, REVIEWER)), unreadable: 0 });
    expect((await figures(root)).overview).toEqual(expected);
  });
});

describe.each(["checkpoint.json", "verifications.json", "lifecycle.json", "evidence.json"])("%s", (name) => {
  test.each([
    ["no JSON", (path: string) => writeFileSync(path, "00000000\n\n")],
    ["of gigabytes", (path: string) => truncateSync(path, 3 * 2 ** 30)],
    ["of half a gigabyte", (path: string) => truncateSync(path, 2 ** 29)],
    ["null", (path: string) => saveSealed(nodeFileSystem, path, null as unknown as object)],
    ["lists in the place of objects", (path: string) => saveSealed(nodeFileSystem, path, [[], [[]]])],
    [
      "of another form",
      (path: string) => {
        const mark = { file: "1", offset: 0, anchor: "" };
        const history = { total: {}, days: [[1, 2]], latest: [null], forgottenPlace: "x" };
        saveSealed(nodeFileSystem, path, {
          version: 1,
          mark,
          verifications: mark,
          log: mark,
          days: 3,
          recent: [null],
          history,
        });
      },
    ],
  ])("that is %s counts as absent, for whoever reads, records, verifications or sees", async (_, forge) => {
    const { root, path } = await covered();
    const forged = join(path, "..", name);
    writeFileSync(forged, "");
    forge(forged);
    const { evidence, lifecycle, runs: executions } = openJsonl(root, { now: clock.now });
    const { execution } = await appendRun(executions, REVIEWER, runMaker(clock, 10)());
    const seen = { key: "a1", event: "started", timestamp: formatInstant(clock.now()) } as const;
    await lifecycle.observe(REVIEWER, seen);
    await evidence.note(REVIEWER, { key: "a1", timestamp: seen.timestamp });
    const verification = {
      execution_id: execution.id ?? "",
      success: true,
      verified_by: "ci",
      timestamp: seen.timestamp,
    } as const;
    await verifyRun(executions, REVIEWER, verification);
    const again = openJsonl(root, { now: clock.now });
    expect((await again.runs.overview(REVIEWER)).view.tally.runs).toBe(1502);
    expect((await again.runs.overview(REVIEWER)).verified.verified.runs).toBe(1);
    expect((await again.lifecycle.overview(REVIEWER))?.seen.started).toBe(1);
    expect((await again.evidence.overview(REVIEWER))?.seen.totals.runs).toBe(1);
  });
});
