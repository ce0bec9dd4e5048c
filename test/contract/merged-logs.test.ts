import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { JsonlRuns } from "../../src/storage/jsonl/executions.ts";
import { logPath, readLogStrictly, writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, scanRuns } from "../support/single-calls.ts";

/** Logs in which several lines have one key, as a merge leaves them. */

const RETENTION_DAYS = 30;
const START = clockAt().now();
/** So much that what is learnt of the log is kept beside it. */
const LARGE = "x".repeat(300_000);

function run(n: number, day: number, given: JsonObject = { idempotency_key: "k" }): JsonObject {
  return { success: true, id: idOf(n), timestamp: formatInstant(START + day * DAY_MS), ...given };
}

function openAt(root: string, day: number, retentionDays = RETENTION_DAYS): JsonlRuns {
  return openJsonl(root, { now: () => START + day * DAY_MS, retentionDays }).runs;
}

async function countedBy(store: JsonlRuns): Promise<number[]> {
  const found = (await scanRuns(store, REVIEWER)).map(({ execution }) => execution.id);
  expect((await store.overview(REVIEWER)).view.tally.runs).toBe(found.length);
  return found.map((id) => Number.parseInt(String(id).slice(4), 16));
}

function numbersIn(root: string): number[] {
  return readLogStrictly(root, REVIEWER).map(({ id }) => Number.parseInt(String(id).slice(4), 16));
}

describe("a run that repeats one that has expired", () => {
  test("is repeated by no later one, which was acknowledged and counts, after a prune too", async () => {
    const root = fastTemporaryFolder();
    writeForeignLines(root, REVIEWER, [run(1, 0), run(2, 20)]);
    const reported = { success: true, idempotency_key: "k" };
    const store = openAt(root, 31);
    expect((await appendRun(store, REVIEWER, { record: run(3, 31), reported })).duplicate).toBe(false);
    for (const day of [31, 45, 55]) {
      await openAt(root, day).prune(REVIEWER);
      expect(await countedBy(openAt(root, day))).toEqual([3]);
      expect((await appendRun(openAt(root, day), REVIEWER, { record: run(4, day), reported })).duplicate).toBe(true);
    }
    expect(await countedBy(store)).toEqual([3]);
    expect(numbersIn(root)).toEqual([3]);
  });

  test("keeps the line of that one in the log until it leaves itself", async () => {
    const root = fastTemporaryFolder();
    writeForeignLines(root, REVIEWER, [run(1, 0), run(2, 20), run(3, 1, { idempotency_key: "other" })]);
    expect(await openAt(root, 40).prune(REVIEWER)).toEqual({ removed: 1, kept: 0 });
    expect(numbersIn(root)).toEqual([1, 2]);
    expect(await openAt(root, 51).prune(REVIEWER)).toEqual({ removed: 2, kept: 0 });
    expect(numbersIn(root)).toEqual([]);
  });

  test("keeps it there if it stands on one line with another that is live, or is repeated itself", async () => {
    const root = fastTemporaryFolder();
    const glued = [run(2, 5), run(3, 6, { idempotency_key: "other" })].map((record) => JSON.stringify(record)).join("");
    writeForeignLines(root, REVIEWER, [run(1, 0)]);
    writeForeignText(root, REVIEWER, `${glued}\n`);
    writeForeignLines(root, REVIEWER, [run(4, 31, { idempotency_key: "other" }), run(5, 32)]);
    expect(await openAt(root, 50).prune(REVIEWER)).toEqual({ removed: 0, kept: 1 });
    expect(await countedBy(openAt(root, 50))).toEqual([5]);
    expect(readFileSync(logPath(root, REVIEWER), "utf8")).toContain(glued);
  });

  test("leaves the log when it expires first", async () => {
    const root = fastTemporaryFolder();
    writeForeignLines(root, REVIEWER, [run(1, 20), run(2, 0)]);
    expect(await openAt(root, 40).prune(REVIEWER)).toEqual({ removed: 1, kept: 1 });
  });
});

test("what was kept beside the log by another retention is made again", async () => {
  const root = fastTemporaryFolder();
  const large = [3, 4].map((n) => run(n, 33, { notes: LARGE }));
  writeForeignLines(root, REVIEWER, [run(1, 0), run(2, 32), ...large]);
  const kept = () => {
    const path = join(root, ".kaizen", "metrics", REVIEWER, ".index", "checkpoint.json");
    return JSON.parse(readFileSync(path, "utf8").split("\n")[1] ?? "");
  };
  const clock = clockAt(START + 33 * DAY_MS);
  const makeRun = runMaker(clock, 10);
  for (const [retentionDays, counted] of [
    [30, [2, 3, 4, 11]],
    [180, [1, 3, 4, 11, 12]],
    [30, [2, 3, 4, 11, 12, 13]],
  ] as const) {
    await appendRun(openAt(root, 33, retentionDays), REVIEWER, makeRun({ notes: LARGE }));
    expect(await countedBy(openAt(root, 33, retentionDays))).toEqual(counted);
    expect(kept().retentionDays).toBe(retentionDays);
    // Neither answer depends on what the other has left there.
    expect((await countedBy(openAt(root, 33, 210 - retentionDays)))[0]).toBe(retentionDays === 30 ? 1 : 2);
  }
});

interface Line {
  readonly day: number | null;
  readonly key?: number;
  readonly id?: number;
  readonly isLarge?: boolean;
}

const line: fc.Arbitrary<Line> = fc.record(
  {
    day: fc.option(fc.constantFrom(0, 1, 15, 29, 30, 31, 45, 60, 61, 90)),
    key: fc.nat(2),
    id: fc.nat(2),
    isLarge: fc.boolean(),
  },
  { requiredKeys: ["day"] },
);

function textOf({ day, key, id, isLarge }: Line, n: number): string {
  return JSON.stringify({
    success: true,
    n,
    timestamp: day === null ? undefined : formatInstant(START + day * DAY_MS),
    idempotency_key: key === undefined ? undefined : `k${key}`,
    id: id === undefined ? undefined : idOf(id),
    notes: isLarge === true ? LARGE : undefined,
  });
}

/** By the rule, as a person would apply it. */
function countedByHand(lines: readonly Line[]): number[] {
  const counted: number[] = [];
  for (const [n, { day, key, id }] of lines.entries()) {
    const isDuplicate = counted.some((number) => {
      const earlier = lines[number] as Line;
      const isSame = (key !== undefined && earlier.key === key) || (id !== undefined && earlier.id === id);
      return isSame && (earlier.day === null || day === null || day - earlier.day <= RETENTION_DAYS);
    });
    if (!isDuplicate) counted.push(n);
  }
  return counted;
}

test("which runs count does not depend on how a history is split into reads, nor on the clock of any reader", async () => {
  const reads = fc.array(
    fc.record({ lines: fc.array(line, { maxLength: 4 }), day: fc.constantFrom(-100, 0, 20, 31, 46, 61, 75, 1000) }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(reads, fc.boolean(), async (history, keepsSnapshots) => {
      const root = fastTemporaryFolder();
      let day = 0;
      const running = openJsonl(root, { now: () => START + day * DAY_MS, retentionDays: RETENTION_DAYS }).runs;
      const written: Line[] = [];
      for (const read of history) {
        const texts = read.lines.map((one, index) => `${textOf(one, written.length + index)}\n`);
        written.push(...read.lines);
        if (texts.length > 0) writeForeignText(root, REVIEWER, texts.join(""));
        day = read.day;
        await running.overview(REVIEWER);
        await openAt(root, read.day).overview(REVIEWER);
        if (!keepsSnapshots || written.length === 0) continue;
        // A writer at whose clock nothing has expired, so that nothing leaves; what it writes is what was reported first.
        const untimed = { day: null, key: 9 };
        const record = JSON.parse(textOf(untimed, written.length));
        const { duplicate } = await appendRun(openAt(root, -100), REVIEWER, {
          record,
          reported: { ...record, n: 0 },
        }).catch(() => ({ duplicate: true }));
        if (!duplicate) written.push(untimed);
      }
      // Before anything expires, what counts is seen.
      day = -100;
      for (const store of [running, openAt(root, -100)]) {
        const found = (await scanRuns(store, REVIEWER)).map(({ execution }) => execution.record.n);
        expect(found).toEqual(countedByHand(written));
        expect((await store.overview(REVIEWER)).view.tally.runs).toBe(found.length);
      }
    }),
    { numRuns: 60 },
  );
});
