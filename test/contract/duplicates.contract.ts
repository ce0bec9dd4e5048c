import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { RunStore } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { clockAt, codeOf, REVIEWER } from "../support/runs.ts";
import { appendRun, scanRuns, verifyRun } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;

/** Which run repeats another, by the times at which both ended. Every store of runs is held to this suite. */
export function describeDuplicates(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const start = clock.now();
    const { retention, runs } = newPlace().open({ now: clock.now, retentionDays: RETENTION_DAYS });
    let ordinal = 0;
    const make = (day: number | undefined, given: JsonObject = { idempotency_key: "k" }) => {
      ordinal += 1;
      const reported = { success: true, ...given };
      const timed = day === undefined ? {} : { timestamp: formatInstant(start + day * DAY_MS) };
      return { record: { id: idOf(ordinal), ...reported, ...timed }, reported };
    };
    /** Says which run a report is answered with: the how-manieth. */
    const report = async (day: number | undefined) => {
      const { execution, duplicate } = await appendRun(runs, REVIEWER, make(day));
      expect(duplicate).toBe(execution.id !== idOf(ordinal));
      return Number.parseInt(String(execution.id).slice(4), 16);
    };
    return { clock, retention, runs, make, report };
  }

  const reports: [string, (number | undefined)[], number[]][] = [
    ["ended at the same instant", [0, 0], [1, 1]],
    ["had not expired when it ended, to the last second", [0, RETENTION_DAYS], [1, 1]],
    ["had expired when it ended", [0, RETENTION_DAYS + 1000 / DAY_MS], [1, 2]],
    ["ended after it", [40, 0], [1, 1]],
    ["does not say when it ended", [undefined, 10_000], [1, 1]],
    ["said so, if it does not say itself when it ended", [0, undefined], [1, 1]],
    ["does not say so either", [undefined, undefined], [1, 1]],
    ["counts, and not one that repeats it", [0, 20, 31, 32], [1, 1, 3, 3]],
    ["counts last, of several that had expired one after the other", [0, 31, 5, 62, 40], [1, 2, 2, 4, 4]],
  ];

  describe(`${name}: a run repeats one of its key that`, () => {
    test.each(reports)("%s", async (_, days, expected) => {
      const { clock, report, runs } = setUp();
      const found: number[] = [];
      for (const day of days) found.push(await report(day));
      expect(found).toEqual(expected);
      // Before any of them expires, each run that counts is seen.
      clock.advanceDays(-100);
      expect(await countedIn(runs)).toEqual([...new Set(expected)]);
    });
  });

  describe(`${name}: the clock`, () => {
    test("does not decide: a run of now is new, and one that ended before the first expired repeats it", async () => {
      const { clock, report, runs, make } = setUp();
      await report(0);
      clock.advanceDays(RETENTION_DAYS + 5);
      expect(await report(20)).toBe(1);
      expect(await countedIn(runs)).toEqual([]);
      const { record } = make(20);
      expect(await codeOf(appendRun(runs, REVIEWER, { record, reported: record }))).toBe("KEY_CONFLICT");
      expect(await report(RETENTION_DAYS + 5)).toBe(4);
      expect(await countedIn(runs)).toEqual([4]);
    });

    test("makes no run count again whose first one has expired", async () => {
      const { clock, report, retention, runs } = setUp();
      expect([await report(0), await report(20)]).toEqual([1, 1]);
      clock.advanceDays(RETENTION_DAYS + 1);
      expect(await countedIn(runs)).toEqual([]);
      await retention?.prune(REVIEWER);
      expect(await countedIn(runs)).toEqual([]);
    });
  });

  test(`${name}: a key and an id of different runs are repeated as long as either is live`, async () => {
    const { clock, runs, make } = setUp();
    const bring = ({ record }: ReturnType<typeof make>) =>
      appendRun(runs, REVIEWER, {
        record,
        reported: record,
        origin: { text: JSON.stringify(record), earlierCopies: 0 },
      });
    await bring(make(0));
    await bring(make(20, { id: idOf(99) }));
    const both = { idempotency_key: "k", id: idOf(99) };
    expect(await codeOf(bring(make(31, both)))).toBe("KEY_CONFLICT");
    expect((await bring(make(51, both))).duplicate).toBe(false);
    clock.advanceDays(-100);
    expect(await countedIn(runs)).toEqual([1, 99, 99]);
  });

  test(`${name}: a verification is of the run that counts now, though an expired one has its id`, async () => {
    const { clock, runs, make } = setUp();
    await appendRun(runs, REVIEWER, make(0, { id: idOf(99) }));
    clock.advanceDays(RETENTION_DAYS + 1);
    await appendRun(runs, REVIEWER, make(RETENTION_DAYS + 1, { id: idOf(99) }));
    const verification = { execution_id: idOf(99), success: false, verified_by: "ci" } as const;
    await verifyRun(runs, REVIEWER, { ...verification, timestamp: formatInstant(clock.now()) });
    expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 0 });
  });
}

async function countedIn(runs: RunStore): Promise<number[]> {
  const ids = (await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id);
  expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(ids.length);
  return ids.map((id) => Number.parseInt(String(id).slice(4), 16));
}
