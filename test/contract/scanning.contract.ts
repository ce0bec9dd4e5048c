import { describe, expect, test } from "vitest";
import type { ExecutionFilter } from "../../src/domain/run/filter.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { ExecutionStore, ScannedRun } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, REVIEWER, runMaker } from "../support/runs.ts";

/** The promises of the port to who reads a whole history, one test each. */
export function describeScanning(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const runs = newPlace().open({ now: clock.now, retentionDays: 30 }).executions;
    return { clock, runs, makeRun: runMaker(clock) };
  }

  async function walked(runs: ExecutionStore, filter: ExecutionFilter = {}): Promise<ScannedRun[]> {
    const found: ScannedRun[] = [];
    await runs.scan(REVIEWER, filter, async (some) => void found.push(...some));
    return found;
  }

  describe(`${name}: walking through a history`, () => {
    test("hands over every live run once, oldest first, with its record as JSON", async () => {
      const { runs, makeRun } = setUp();
      for (let ordinal = 1; ordinal <= 12; ordinal += 1) await runs.append(REVIEWER, makeRun({ notes: "é\u2028\n" }));
      const found = await walked(runs);
      expect(found.map(({ execution }) => execution.id)).toEqual(found.map((_, index) => idOf(index + 1)));
      expect(found).toHaveLength(12);
      for (const { execution, text } of found) {
        expect(JSON.parse(text)).toEqual(execution.record);
        expect(text).not.toContain("\n");
      }
    });

    test("leaves out what has expired, and what a filter does not pick", async () => {
      const { clock, runs, makeRun } = setUp();
      await runs.append(REVIEWER, makeRun());
      clock.advanceDays(31);
      await runs.append(REVIEWER, makeRun({ success: false }));
      await runs.append(REVIEWER, makeRun({ timestamp: formatInstant(clock.now() - DAY_MS) }));
      expect((await walked(runs)).map(({ execution }) => execution.id)).toEqual([idOf(2), idOf(3)]);
      const picked = await walked(runs, { sinceAt: clock.now() });
      expect(picked.map(({ execution }) => execution.id)).toEqual([idOf(2)]);
    });

    test("gives each run what verifications found of it, in the order in which they were reported", async () => {
      const { runs, makeRun } = setUp();
      for (let ordinal = 1; ordinal <= 3; ordinal += 1) await runs.append(REVIEWER, makeRun());
      const timestamp = "2026-11-22T10:00:00Z";
      const verification = { execution_id: idOf(2), timestamp, evidence: "e" };
      await runs.verify(REVIEWER, { ...verification, success: false, verified_by: "agent" });
      await runs.verify(REVIEWER, { ...verification, execution_id: idOf(3), success: true, verified_by: "ci" });
      await runs.verify(REVIEWER, { ...verification, success: true, verified_by: "human" });
      const found = await walked(runs);
      expect(found.map(({ verifications }) => verifications.map(({ verified_by }) => verified_by))).toEqual([
        [],
        ["agent", "human"],
        ["ci"],
      ]);
      expect(found[1]?.verifications[0]).toMatchObject({ ...verification, success: false });
    });

    test("waits for who takes the runs, and throws on what they throw", async () => {
      const { runs, makeRun } = setUp();
      await runs.append(REVIEWER, makeRun());
      let isDone = false;
      await runs.scan(REVIEWER, {}, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        isDone = true;
      });
      expect(isDone).toBe(true);
      const failing = runs.scan(REVIEWER, {}, () => Promise.reject(new Error("of the caller's own")));
      await expect(failing).rejects.toThrow("of the caller's own");
    });

    test("shows a log as it stood at the call, while runs are added", async () => {
      const { runs, makeRun } = setUp();
      await runs.append(REVIEWER, makeRun());
      const found: unknown[] = [];
      await runs.scan(REVIEWER, {}, async (some) => {
        await runs.append(REVIEWER, makeRun());
        found.push(...some);
      });
      expect(found).toHaveLength(1);
    });

    test("finds nothing of an agent that nobody has heard of", async () => {
      const { runs } = setUp();
      await runs.scan(agentNamed("nobody"), {}, () => Promise.reject(new Error("there is nothing to hand over")));
      expect(await runs.listAgents()).toEqual([]);
    });
  });
}
