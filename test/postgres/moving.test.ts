import { describe, expect, test } from "vitest";
import { formatInstant } from "../../src/domain/run/time.ts";
import { idOf } from "../support/histories.ts";
import { newProject, openPostgres, teamStore } from "../support/postgres/place.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf, scanRuns, verifyRun } from "../support/single-calls.ts";

const writer = agentNamed("writer");

describe.skipIf(teamStore === undefined)("moving what is kept of an agent", () => {
  async function withTwoAgents() {
    const clock = clockAt();
    const store = openPostgres(newProject(), { now: clock.now });
    const { moving, runs } = store;
    if (moving === undefined) throw new Error("this engine moves agents");
    const makeRun = runMaker(clock);
    await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "a" }));
    clock.advanceDays(1);
    await appendRun(runs, writer, makeRun({ agent: "writer", idempotency_key: "b", notes: "n" }));
    clock.advanceDays(1);
    await appendRun(runs, REVIEWER, makeRun());
    const timestamp = formatInstant(clock.now());
    await verifyRun(runs, writer, { execution_id: idOf(2), success: false, verified_by: "ci", timestamp });
    await store.lifecycle.observe(writer, { key: "b", event: "started", timestamp });
    await store.evidence.note(writer, { key: "b", timestamp, tools: 3 });
    const entry = { timestamp, agent: "writer", metrics_count: 1, recommendations: [{ id: "rec_1", title: "t" }] };
    await store.advice.merge({ entries: [entry], events: [] });
    return { ...store, moving, clock, makeRun };
  }

  test("gives everything to another agent, in the order of time, and leaves nothing behind", async () => {
    const { advice, clock, evidence, lifecycle, makeRun, moving, runs } = await withTwoAgents();
    expect(await moving.move(writer, REVIEWER, { dryRun: true })).toEqual({ runs: 1, advice: 1 });
    expect(await namesOf(runs)).toEqual(["reviewer", "writer"]);
    expect(await moving.move(writer, REVIEWER)).toEqual({ runs: 1, advice: 1 });
    expect(await namesOf(runs)).toEqual(["reviewer"]);
    expect(await namesOf(lifecycle)).toEqual(["reviewer"]);
    const found = await scanRuns(runs, REVIEWER);
    expect(found.map(({ execution }) => [execution.id, execution.record.agent])).toEqual(
      [1, 2, 3].map((ordinal) => [idOf(ordinal), "reviewer"]),
    );
    expect(found[1]?.verifications).toMatchObject([{ agent: "reviewer", verified_by: "ci" }]);
    expect((await runs.overview(REVIEWER)).verified.verified).toEqual({ runs: 1, successes: 0 });
    expect((await runs.overview(writer)).view.tally.runs).toBe(0);
    expect((await lifecycle.overview(REVIEWER))?.seen.started).toBe(1);
    expect((await evidence.overview(REVIEWER))?.seen.totals.measured.tools).toEqual({ runs: 1, sum: 3 });
    expect((await advice.readAdvice()).entries).toMatchObject([{ agent: "reviewer" }]);
    const again = await appendRun(runs, REVIEWER, makeRun({ agent: "reviewer", idempotency_key: "b", notes: "n" }));
    expect(again).toMatchObject({ duplicate: true, execution: { id: idOf(2) } });
    expect((await appendRun(runs, writer, makeRun({ agent: "writer" }))).overview.view.tally.runs).toBe(1);
    expect(clock.now()).toBeGreaterThan(0);
  });

  test("counts once what both have under one key, as the earlier one reported it", async () => {
    const { makeRun, moving, runs } = await withTwoAgents();
    await appendRun(runs, writer, makeRun({ agent: "writer", idempotency_key: "a" }));
    await moving.move(writer, REVIEWER);
    expect((await scanRuns(runs, REVIEWER)).map(({ execution }) => execution.id)).toEqual([1, 2, 3].map(idOf));
    expect((await runs.overview(REVIEWER)).view.tally.runs).toBe(3);
  });

  test("spells an agent in another way, and a name that was given up is free for any spelling", async () => {
    const { makeRun, moving, runs } = await withTwoAgents();
    const capital = agentNamed("Writer");
    expect(await codeOf(appendRun(runs, capital, makeRun()))).toBe("INVALID_AGENT");
    await moving.move(writer, capital);
    expect(await namesOf(runs)).toEqual(["Writer", "reviewer"]);
    expect((await scanRuns(runs, capital)).map(({ execution }) => execution.record.agent)).toEqual(["Writer"]);
    await moving.remove(capital);
    expect(await namesOf(runs)).toEqual(["reviewer"]);
  });

  test("removes everything of an agent, for processes too that have it in mind", async () => {
    const clock = clockAt();
    const project = newProject();
    const [store, other] = [openPostgres(project, clock), openPostgres(project, clock)];
    const makeRun = runMaker(clock);
    for (const { runs } of [store, other]) await appendRun(runs, REVIEWER, makeRun({ idempotency_key: "k" }));
    expect(await store.moving?.remove(REVIEWER)).toEqual({ runs: 1, advice: 0 });
    expect((await other.runs.overview(REVIEWER)).view.tally.runs).toBe(0);
    expect((await appendRun(other.runs, REVIEWER, makeRun({ idempotency_key: "k" }))).duplicate).toBe(false);
    expect((await store.runs.overview(REVIEWER)).view.tally.runs).toBe(1);
  });
});
