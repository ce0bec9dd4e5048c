import { describe, expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf, scanRuns, verifyRun } from "../support/single-calls.ts";

/** The promises of the port to who reads a whole history, one test each. */
export function describeScanning(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const runs = newPlace().open({ now: clock.now, retentionDays: 30 }).runs;
    return { clock, runs, makeRun: runMaker(clock) };
  }

  describe(`${name}: walking through a history`, () => {
    test("hands over every live run once, oldest first, with its record as JSON", async () => {
      const { runs, makeRun } = setUp();
      for (let ordinal = 1; ordinal <= 12; ordinal += 1)
        await appendRun(runs, REVIEWER, makeRun({ notes: "é\u2028\n" }));
      const found = await scanRuns(runs, REVIEWER);
      expect(found.map(({ execution }) => execution.id)).toEqual(found.map((_, index) => idOf(index + 1)));
      expect(found).toHaveLength(12);
      for (const { execution, text } of found) {
        expect(JSON.parse(text)).toEqual(execution.record);
        expect(text).not.toContain("\n");
      }
    });

    test("leaves out what has expired, and what a filter does not pick", async () => {
      const { clock, runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      clock.advanceDays(31);
      await appendRun(runs, REVIEWER, makeRun({ success: false }));
      await appendRun(runs, REVIEWER, makeRun({ timestamp: formatInstant(clock.now() - DAY_MS) }));
      expect((await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id)).toEqual([idOf(2), idOf(3)]);
      const picked = await scanRuns(runs, REVIEWER, { sinceAt: clock.now() });
      expect(picked.map(({ execution }) => execution.id)).toEqual([idOf(2)]);
    });

    test("gives each run what verifications found of it, in the order in which they were reported", async () => {
      const { runs, makeRun } = setUp();
      for (let ordinal = 1; ordinal <= 3; ordinal += 1) await appendRun(runs, REVIEWER, makeRun());
      const timestamp = "2026-11-22T10:00:00Z";
      const verification = { execution_id: idOf(2), timestamp, evidence: "e" };
      await verifyRun(runs, REVIEWER, { ...verification, success: false, verified_by: "agent" });
      await verifyRun(runs, REVIEWER, { ...verification, execution_id: idOf(3), success: true, verified_by: "ci" });
      await verifyRun(runs, REVIEWER, { ...verification, success: true, verified_by: "human" });
      const found = await scanRuns(runs, REVIEWER);
      expect(found.map(({ verifications }) => verifications.map(({ verified_by }) => verified_by))).toEqual([
        [],
        ["agent", "human"],
        ["ci"],
      ]);
      expect(found[1]?.verifications[0]).toMatchObject({ ...verification, success: false });
    });

    test("waits for who takes the runs, and throws nothing of its own where they leave early", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      let isDone = false;
      for await (const _ of runs.scan(REVIEWER, {})) {
        await new Promise((resolve) => setImmediate(resolve));
        isDone = true;
      }
      expect(isDone).toBe(true);
      const failing = (async () => {
        for await (const _ of runs.scan(REVIEWER, {})) throw new Error("of the caller's own");
      })();
      await expect(failing).rejects.toThrow("of the caller's own");
      for await (const _ of runs.scan(REVIEWER, {})) break;
      await runs.close();
    });

    test("shows a log as it stood at the call, while runs are added", async () => {
      const { runs, makeRun } = setUp();
      await appendRun(runs, REVIEWER, makeRun());
      const found: unknown[] = [];
      for await (const some of runs.scan(REVIEWER, {})) {
        await appendRun(runs, REVIEWER, makeRun());
        found.push(...some);
      }
      expect(found).toHaveLength(1);
    });

    test("finds nothing of an agent that nobody has heard of", async () => {
      const { runs } = setUp();
      expect(await scanRuns(runs, agentNamed("nobody"))).toEqual([]);
      expect(await namesOf(runs)).toEqual([]);
    });
  });
}
