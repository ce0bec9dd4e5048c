import { test as anyTest, describe, expect } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import type { Store } from "../../src/storage/store.ts";
import { idOf } from "../support/histories.ts";
import type { Place } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf, scanRuns, verifyRun } from "../support/single-calls.ts";

const RETENTION_DAYS = 30;
const writer = agentNamed("writer");

/** The promises about what is kept of an agent and moves to another, if an engine can move it. */
export function describeMoving(name: string, newPlace: () => Place): void {
  function setUp() {
    const clock = clockAt();
    const place = newPlace();
    const open = (): Store => place.open({ now: clock.now, retentionDays: RETENTION_DAYS });
    const store = open();
    const { moving } = store;
    if (moving === undefined) throw new Error("an engine that cannot move is held to none of this");
    return { ...store, moving, clock, open, place, makeRun: runMaker(clock) };
  }

  function test(promise: string, holds: () => Promise<void>): void {
    anyTest(promise, ({ skip }) => {
      const store = newPlace().open({ now: clockAt().now, retentionDays: RETENTION_DAYS });
      return store.moving === undefined ? skip("the store cannot move what is kept of an agent") : holds();
    });
  }

  /** Runs of one agent before and after one of another, of which everything is known that can be. */
  async function withTwoAgents() {
    const given = setUp();
    const { advice, clock, evidence, lifecycle, makeRun, runs, voiding } = given;
    await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "a" }));
    clock.advanceDays(1);
    await appendRun(runs, writer, makeRun({ agent: "writer", idempotency_key: "b", notes: "n" }));
    clock.advanceDays(1);
    await appendRun(runs, REVIEWER, makeRun());
    await appendRun(runs, writer, makeRun({ agent: "writer" }));
    const timestamp = formatInstant(clock.now());
    await verifyRun(runs, writer, { execution_id: idOf(2), success: false, verified_by: "ci", timestamp });
    await lifecycle.observe(writer, { key: "b", event: "started", timestamp });
    await evidence.note(writer, { key: "b", timestamp, tools: 3 });
    const entry = { timestamp, agent: "writer", metrics_count: 1, recommendations: [{ id: "rec_1", title: "t" }] };
    await advice.merge({ entries: [entry], events: [] });
    await voiding?.voidRun(writer, { id: idOf(4), by: "human", reason: "a typo", timestamp });
    return { ...given, lines: voiding === undefined ? 2 : 1 };
  }

  describe(`moving what is kept of an agent (${name})`, () => {
    test("gives everything to another agent, in the order of time, and leaves nothing behind", async () => {
      const { advice, evidence, lifecycle, lines, makeRun, moving, runs, voiding } = await withTwoAgents();
      expect(await moving.move(writer, REVIEWER, { dryRun: true })).toEqual({ runs: lines, advice: 1 });
      expect(await namesOf(runs)).toEqual(["reviewer", "writer"]);
      expect(await moving.move(writer, REVIEWER)).toEqual({ runs: lines, advice: 1 });
      for (const part of [runs, lifecycle, evidence]) expect(await namesOf(part)).toEqual(["reviewer"]);
      const found = await scanRuns(runs, REVIEWER);
      expect(found.slice(0, 3).map(({ execution }) => [execution.id, execution.record.agent])).toEqual(
        [1, 2, 3].map((ordinal) => [idOf(ordinal), "reviewer"]),
      );
      expect(found[1]?.verifications).toMatchObject([{ agent: "reviewer", verified_by: "ci" }]);
      expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 0 });
      expect((await runs.overview(writer)).view.tally.runs).toBe(0);
      expect((await lifecycle.overview(REVIEWER))?.seen.started).toBe(1);
      expect((await evidence.overview(REVIEWER))?.seen.totals.measured.tools).toEqual({ runs: 1, sum: 3 });
      expect((await advice.readAdvice()).entries).toMatchObject([{ agent: "reviewer" }]);
      if (voiding !== undefined) {
        expect(await voiding.voidedRuns(writer)).toEqual([]);
        expect(await voiding.voidedRuns(REVIEWER)).toMatchObject([{ agent: "reviewer", id: idOf(4) }]);
      }
      const again = await appendRun(runs, REVIEWER, makeRun({ agent: "reviewer", idempotency_key: "b", notes: "n" }));
      expect(again).toMatchObject({ duplicate: true, execution: { id: idOf(2) } });
      expect((await appendRun(runs, writer, makeRun({ agent: "writer" }))).overview.view.tally.runs).toBe(1);
    });

    test("counts once what both have under one key, as the earlier one reported it", async () => {
      const { lines, makeRun, moving, runs } = await withTwoAgents();
      await appendRun(runs, writer, makeRun({ agent: "writer", idempotency_key: "a" }));
      await moving.move(writer, REVIEWER);
      const ids = (await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id);
      expect(ids).toEqual([1, 2, 3, ...(lines === 1 ? [] : [4])].map(idOf));
      expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(lines + 2);
    });

    test("spells an agent in another way, and a name that was given up is free for any spelling", async () => {
      const { makeRun, moving, runs } = await withTwoAgents();
      const capital = agentNamed("Writer");
      expect(await codeOf(appendRun(runs, capital, makeRun()))).toBe("INVALID_AGENT");
      await moving.move(writer, capital);
      expect(await namesOf(runs)).toEqual(["Writer", "reviewer"]);
      expect((await scanRuns(runs, capital))[0]?.execution.record.agent).toBe("Writer");
      await moving.remove(capital);
      expect(await namesOf(runs)).toEqual(["reviewer"]);
      expect((await appendRun(runs, agentNamed("WRITER"), makeRun())).overview.view.tally.runs).toBe(1);
    });

    test("moves nothing of an agent that is not there, and says so", async () => {
      const { moving, runs } = await withTwoAgents();
      const nothing = { runs: 0, advice: 0 };
      expect(await moving.move(agentNamed("none"), REVIEWER)).toEqual(nothing);
      expect(await moving.remove(agentNamed("none"))).toEqual(nothing);
      expect(await namesOf(runs)).toEqual(["reviewer", "writer"]);
    });

    test("removes everything of an agent, for stores too that have it in mind", async () => {
      const { advice, lifecycle, lines, makeRun, moving, open, place, runs } = await withTwoAgents();
      const others = place.durable ? [open().runs] : [];
      for (const other of others) await appendRun(other, writer, makeRun({ agent: "writer", idempotency_key: "c" }));
      expect(await moving.remove(writer)).toEqual({ runs: lines + others.length, advice: 1 });
      for (const one of [runs, ...others]) {
        expect((await one.overview(writer)).view.tally.runs).toBe(0);
        expect(await namesOf(one)).toEqual(["reviewer"]);
        const { duplicate } = await appendRun(one, writer, makeRun({ agent: "writer", idempotency_key: "b" }));
        expect(duplicate).toBe(false);
        await moving.remove(writer);
      }
      expect((await lifecycle.overview(writer))?.seen.started ?? 0).toBe(0);
      expect((await advice.readAdvice()).entries).toEqual([]);
    });
  });
}
